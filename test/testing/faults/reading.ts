import { StorageError } from '../../../src/port/repository.ts'
import type { ExtendedProfileRow, OutboxRow, UserId } from '../../../src/port/tables.ts'
import type { Where } from '../../../src/port/write.ts'
import { dawdle, type Faults, misreading, plant, rowsFor } from './plant.ts'

const lowered = (keys: readonly string[]) => keys.map((key) => key.toLowerCase())

/** Faults of reads. */
export const readingFaults: Faults = {
  accounts: {
    'one part is left out': plant(({ findAccounts }) => ({
      findAccounts: async (by) =>
        (await findAccounts(by)).map((account) => ({ ...account, pending_name_change: undefined })),
    })),
    'each name makes an account, also the second time': plant(({ findAccounts }) => ({
      async findAccounts(by) {
        const keys = 'ids' in by ? by.ids : 'email_keys' in by ? by.email_keys : by.username_keys
        const kind = Object.keys(by)[0] ?? ''
        return (await Promise.all(keys.map((key) => findAccounts({ [kind]: [key] } as never)))).flat()
      },
    })),
    'names are compared without regard to letter case': plant(({ findAccounts }) => ({
      findAccounts: (by) => findAccounts('username_keys' in by ? { username_keys: lowered(by.username_keys) } : by),
    })),
    'rows are the objects of the call before, brought up to date': plant(({ findAccounts }) => {
      const rows = new Map<string, ExtendedProfileRow>()
      const known = (row: ExtendedProfileRow) => {
        const key = JSON.stringify([row.user_id, row.owner])
        const same = Object.assign(rows.get(key) ?? row, row)
        rows.set(key, same)
        return same
      }
      return {
        findAccounts: async (by) =>
          (await findAccounts(by)).map((account) => ({
            ...account,
            extended_profiles: account.extended_profiles.map(known),
          })),
      }
    }),
    'parts are read after one another': plant((repository) => ({
      async findAccounts(by) {
        const accounts = await repository.findAccounts(by)
        await dawdle()
        const later = await repository.findAccounts(by)
        return accounts.map((account, index) => ({ ...account, social_links: later[index]?.social_links ?? [] }))
      },
    })),
  },

  preferences: {
    'deleted ones are left out': plant(({ findPreferences }) => ({
      findPreferences: async (request) =>
        (await findPreferences(request)).map((record) => ({
          ...record,
          preferences: record.preferences.filter(({ value }) => value !== null),
        })),
    })),
    'no person has an address': plant(({ findPreferences }) => ({
      findPreferences: async (request) => ('email_keys' in request.by ? [] : findPreferences(request)),
    })),
    'keys are compared without regard to letter case': plant(({ findPreferences }) => ({
      findPreferences: ({ keys, ...request }) =>
        findPreferences({ ...request, ...(keys === undefined ? {} : { keys: lowered(keys) }) }),
    })),
    'tags are read after preferences': plant(({ findPreferences }) => ({
      async findPreferences(request) {
        const records = await findPreferences(request)
        await dawdle()
        const later = await findPreferences(request)
        return records.map((record, index) => ({ ...record, course_tags: later[index]?.course_tags ?? [] }))
      },
    })),
  },

  claims: {
    'second addresses are forgotten': plant(({ findClaims }) => ({
      findClaims: async (by) => (await findClaims(by)).filter(({ kind }) => kind !== 'secondary_email'),
    })),
    'former usernames are forgotten': plant(({ findClaims }) => ({
      findClaims: async (by) => (await findClaims(by)).filter(({ kind }) => kind !== 'former_username'),
    })),
    'names are compared without regard to letter case': plant(({ findClaims }) => ({
      findClaims: ({ username_keys, email_keys }) =>
        findClaims({ username_keys: lowered(username_keys), email_keys: lowered(email_keys) }),
    })),
    'one person is asked after the other': plant((repository) => ({
      async findClaims(by) {
        const found = []
        for (const { id } of (await repository.select('users', {})).reverse()) {
          found.push(...(await repository.findClaims(by)).filter(({ user_id }) => user_id === id))
          await dawdle()
        }
        return found
      },
    })),
  },

  retirements: {
    'the end of a period is in it': plant(({ pageRetirements }) => ({
      pageRetirements: (page) => pageRetirements({ ...page, before: page.before.replace('000Z', '001Z') }),
    })),
    'people are shown as they were': plant(({ pageRetirements }) => ({
      pageRetirements: async (page) =>
        (await pageRetirements(page)).map((record) => ({
          ...record,
          user: { ...record.user, username: record.retirement.original_username },
        })),
    })),
    'those of one moment are skipped with the first of them': plant(({ pageRetirements }) => ({
      pageRetirements: ({ after, ...page }) =>
        pageRetirements({
          ...page,
          ...(after === undefined ? {} : { from: after.created_at.replace('000Z', '001Z') }),
        }),
    })),
  },

  selection: {
    'numbers are compared as text': plant(({ select }) => ({
      select: (table, where) => {
        const asText = Object.entries(where).map(([column, value]) => [
          column,
          column === 'key' ? String(value) : value,
        ])
        return select(table, Object.fromEntries(asText))
      },
    })),
    'an empty list matches everything': plant(({ select }) => ({
      select: (table, where) =>
        select(
          table,
          Object.fromEntries(
            Object.entries(where).filter(([, wanted]) => !Array.isArray(wanted) || wanted.length > 0),
          ) as Where<typeof table>,
        ),
    })),
    'objects are asked for by their text': plant(({ select }) => ({
      select: (table, where) =>
        select(
          table,
          Object.fromEntries(
            Object.entries(where).map(([column, wanted]) =>
              typeof wanted === 'object' && wanted !== null && !Array.isArray(wanted)
                ? [column, String(wanted)]
                : [column, wanted],
            ),
          ) as Where<typeof table>,
        ),
    })),
    'moments are compared by the second': plant(({ select }) => ({
      select: async (table, where) => {
        const { last_login, ...others } = where as Where<'users'>
        if (typeof last_login !== 'string') return select(table, where)
        const rows = await select(table, others as typeof where)
        return rows.filter((row) => String(Reflect.get(row, 'last_login')).startsWith(last_login.slice(0, 19)))
      },
    })),
    'a person with two rows comes twice': plant((repository) => ({
      async pageUsers(table, where, { after, limit }) {
        const rows = await repository.select(table, where)
        const ids = rows.map((row): UserId => row.user_id).sort((a, b) => Number(a) - Number(b))
        return ids.filter((id) => after === undefined || id > after).slice(0, limit)
      },
    })),
    'pages are counted off': plant((repository) => {
      let given = 0
      return {
        async pageUsers(table, where, { after, limit }) {
          const everybody = await repository.pageUsers(table, where, { limit: 1000 })
          const start = after === undefined ? 0 : given
          given = start + limit
          return everybody.slice(start, given)
        },
      }
    }),
    'rows that went in are shared': plant(({ commit, select }) => {
      const given = new Map<string, OutboxRow>()
      return {
        commit(writes, inside) {
          for (const row of writes.flatMap((write) => rowsFor('insert', 'outbox', write))) given.set(row.id, row)
          return commit(writes, inside)
        },
        select: async (table, where) =>
          (await select(table, where)).map((row) => {
            const shared = table === 'outbox' && given.get(String(Reflect.get(row, 'id')))
            return shared ? { ...row, payload: shared.payload } : row
          }),
      }
    }),
    'a NUL is an error': plant(({ select }) => ({
      async select(table, where) {
        if (Object.values(where).some((wanted) => String(wanted).includes('\0')))
          throw new StorageError('select', '22021')
        return select(table, where)
      },
    })),
    'a table is not known': plant(({ select }) => ({
      select: async (table, where) => (table === 'retirement_requests' ? [] : select(table, where)),
    })),
  },

  'round trip': {
    'texts are put into one normal form': misreading((value) =>
      typeof value === 'string' ? value.normalize() : value,
    ),
    'blanks at the end are cut': misreading((value) => (typeof value === 'string' ? value.trimEnd() : value)),
    'keys are compared without regard to letter case': plant(({ select }) => ({
      select: async (table, where) => {
        const { key, ...others } = where as Where<'preferences'>
        if (table !== 'preferences' || typeof key !== 'string') return select(table, where)
        const rows = await select(table, others as typeof where)
        return rows.filter((row) => String(Reflect.get(row, 'key')).toLowerCase() === key.toLowerCase())
      },
    })),
    'texts end after 64 KiB': misreading((value) => (typeof value === 'string' ? value.slice(0, 65_535) : value)),
    'moments end after milliseconds': misreading((value) =>
      typeof value === 'string' ? value.replace(/\d{3}Z$/, '000Z') : value,
    ),
    'numbers in JSON lose digits': misreading((value) =>
      typeof value === 'number' && !Number.isInteger(value) ? Math.fround(value) : value,
    ),
    'truth is a number': misreading((value) => (typeof value === 'boolean' ? Number(value) : value)),
    'great ids are numbers': misreading((value) =>
      typeof value === 'string' && /^\d{16,}$/.test(value) ? Number(value) : value,
    ),
  },

  'big lists': {
    'lists are cut off after a thousand': plant(({ findAccounts }) => ({
      findAccounts: (by) =>
        findAccounts('username_keys' in by ? { username_keys: by.username_keys.slice(0, 1000) } : by),
    })),
  },
}
