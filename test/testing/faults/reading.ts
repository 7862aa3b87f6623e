import { StorageError } from '../../../src/port/repository.ts'
import type { ExtendedProfileRow, OutboxRow, TableName, UserId } from '../../../src/port/tables.ts'
import { momentOf, type Where } from '../../../src/port/write.ts'
import { dawdle, type Faults, misreading, plant, rowsFor } from './plant.ts'

const lowered = (keys: readonly string[]) => keys.map((key) => key.toLowerCase())

/** Faults of reads. */
export const readingFaults: Faults = {
  accounts: {
    'one part is left out': plant(({ findAccounts }) => ({
      findAccounts: async (by) =>
        (await findAccounts(by)).map((account) => ({ ...account, pending_name_change: undefined })),
    })),
    'a retirement is over with its work item': plant(({ findAccounts, select }) => ({
      async findAccounts(by) {
        const waiting = new Set((await select('retirements', {})).map(({ user_id }) => user_id))
        const accounts = await findAccounts(by)
        return accounts.map((account) => (waiting.has(account.user.id) ? account : { ...account, retirement: 'none' }))
      },
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
    'who was retired is told no more': plant(({ findPreferences }) => ({
      findPreferences: async (request) =>
        (await findPreferences(request)).map((record) => ({ ...record, retirement: 'none' })),
    })),
    'a deactivation that has ended is one': plant((repository) => ({
      findPreferences: async (request) =>
        Promise.all(
          (await repository.findPreferences(request)).map(async (record) => ({
            ...record,
            deactivations:
              request.deactivations === true
                ? await repository.select('deactivations', { user_id: record.user.id })
                : record.deactivations,
          })),
        ),
    })),
    'preferences are never counted': plant(({ findPreferences }) => ({
      findPreferences: (request) => findPreferences({ ...request, counted: false }),
    })),
    'preferences are counted when they are not to be': plant(({ findPreferences }) => ({
      findPreferences: ({ counted: _, ...request }) => findPreferences(request),
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

  'org tags': {
    'people without tags are left out': plant(({ findOrgTags }) => ({
      findOrgTags: async (request) => (await findOrgTags(request)).filter(({ modified_at }) => modified_at !== null),
    })),
    'a person has one tag': plant(({ findOrgTags }) => ({
      findOrgTags: async (request) => [
        ...new Map((await findOrgTags(request)).map((record) => [record.user_id, record])).values(),
      ],
    })),
    'a tag that is deleted is none': plant(({ findOrgTags }) => ({
      findOrgTags: async (request) =>
        (await findOrgTags(request)).map((record) =>
          record.value === null ? { ...record, modified_at: null } : record,
        ),
    })),
    'keys are compared without regard to letter case': plant(({ findOrgTags }) => ({
      findOrgTags: (request) => findOrgTags({ ...request, key: request.key.toLowerCase() }),
    })),
  },

  claims: {
    'second addresses are forgotten': plant(({ findClaims }) => ({
      findClaims: async (by) => (await findClaims(by)).filter(({ kind }) => kind !== 'secondary_email'),
    })),
    'retired names are forgotten': plant(({ findClaims }) => ({
      findClaims: async (by) => (await findClaims(by)).filter(({ user_id }) => user_id !== null),
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

  'account lists': {
    'a beginning is compared as a pattern': plant(({ pageAccounts, select }) => ({
      async pageAccounts({ where: { username, ...where }, ...page }) {
        if (typeof username !== 'string') return pageAccounts({ ...page, where })
        const pattern = new RegExp(`^${username.replace(/[%|\\]/g, '\\$&').replaceAll('_', '.')}`)
        const users = (await select('users', {})).filter(({ username_key }) => pattern.test(username_key))
        const places = await pageAccounts({ ...page, where })
        return places.filter(({ id }) => users.some((user) => user.id === id))
      },
    })),
    'the moment before which people joined is in the period': plant(({ pageAccounts }) => ({
      pageAccounts({ where, ...page }) {
        const joined_before = where.joined_before?.replace('000Z', '001Z')
        return pageAccounts({ ...page, where: { ...where, ...(joined_before && { joined_before }) } })
      },
    })),
    'any one of the search values is enough': plant(({ pageAccounts }) => ({
      pageAccounts: ({ where, ...page }) =>
        pageAccounts({ ...page, where: { ...where, ...(where.values && { values: where.values.slice(0, 1) }) } }),
    })),
    'the first of a page is skipped with those of its value': plant(({ pageAccounts }) => ({
      async pageAccounts({ after, ...page }) {
        const places = await pageAccounts({ ...page, ...(after && { after }) })
        return places.filter(({ value }) => after === undefined || value === '' || value !== after.value)
      },
    })),
    'a list that begins with the last is turned around page by page': plant(({ pageAccounts }) => ({
      async pageAccounts({ descending = false, ...page }) {
        const places = await pageAccounts(page)
        return descending ? places.toReversed() : places
      },
    })),
    'people without a name are in no list': plant(({ pageAccounts, select }) => ({
      async pageAccounts(page) {
        const named = new Set((await select('search_values', { field: 'name' })).map(({ user_id }) => user_id))
        const others = new Set((await select('retirement_requests', {})).map(({ user_id }) => user_id))
        return (await pageAccounts(page)).filter(({ id }) => named.has(id) || others.size > 0)
      },
    })),
    'those who have asked for retirement are left out': plant(({ pageAccounts, select }) => ({
      async pageAccounts(page) {
        const asked = new Set((await select('retirement_requests', {})).map(({ user_id }) => user_id))
        return (await pageAccounts(page)).filter(({ id }) => !asked.has(id))
      },
    })),
    'values are turned into text': plant(({ pageAccounts }) => ({
      pageAccounts: ({ where, ...page }) =>
        pageAccounts({
          ...page,
          where: { ...where, ...(where.username !== undefined && { username: `${where.username}`.slice(0, 0) }) },
        }),
    })),
  },

  retirements: {
    'one of the moment is late': plant(({ countRetirements }) => ({
      countRetirements: ({ before }) => countRetirements({ before: before.replace('000Z', '001Z') }),
    })),
    'codes are not told apart': plant(({ countRetirements }) => ({
      countRetirements: async (request) =>
        (await countRetirements(request)).map((counted) => ({ ...counted, code: counted.code && 'slow' })),
    })),
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

  'retirement leases': {
    'the idle come first': plant(({ leaseRetirements }) => ({
      async leaseRetirements(request) {
        const first = await leaseRetirements({ ...request, working: [] })
        const limit = request.limit - first.length
        return limit === 0 ? first : [...first, ...(await leaseRetirements({ ...request, limit, idle: [] }))]
      },
    })),
    'the moment is in it': plant(({ leaseRetirements }) => ({
      leaseRetirements: (request) => leaseRetirements({ ...request, before: request.before.replace('000Z', '001Z') }),
    })),
    'the states that are stored are not asked for': plant(({ leaseRetirements }) => ({
      leaseRetirements: ({ pipeline: _, ...request }) => leaseRetirements(request),
    })),
    'states of the same names are the same states': plant(({ leaseRetirements, select }) => ({
      async leaseRetirements({ pipeline, ...request }) {
        const stored = await select('retirement_states', {})
        const names = new Set(pipeline?.map(({ state_name }) => state_name))
        const isSame = stored.length === names.size && stored.every(({ state_name }) => names.has(state_name))
        return leaseRetirements({ ...request, ...(pipeline && { pipeline: isSame ? stored : pipeline }) })
      },
    })),
    'a state more is not noticed': plant(({ leaseRetirements, select }) => ({
      async leaseRetirements({ pipeline, ...request }) {
        const stored = await select('retirement_states', {})
        const names = new Set(stored.map(({ state_name }) => state_name))
        const known = pipeline?.filter(({ state_name }) => names.has(state_name))
        return leaseRetirements({ ...request, ...(known && { pipeline: known }) })
      },
    })),
    'a lease holds on for an hour': plant(({ leaseRetirements }) => ({
      leaseRetirements: (request) => leaseRetirements({ ...request, now: request.now.replace('T12', 'T11') }),
    })),
    'work that was begun without a lease is taken': plant(({ leaseRetirements }) => ({
      leaseRetirements: (request) =>
        leaseRetirements({ ...request, idle: [...request.idle, ...request.working], working: [] }),
    })),
    'they come as they were': plant((repository) => ({
      async leaseRetirements(request) {
        const taken = await repository.leaseRetirements(request)
        return taken.map(({ retirement, ...person }) => ({ retirement: { ...retirement, lease: null }, ...person }))
      },
    })),
    'they keep their version': plant((repository) => ({
      async leaseRetirements(request) {
        const taken = await repository.leaseRetirements(request)
        for (const { retirement } of taken) {
          const { user_id, version } = retirement
          await repository.commit([{ update: 'retirements', set: { version: version - 1 }, where: { user_id } }])
        }
        return taken.map(({ retirement, ...person }) => ({
          retirement: { ...retirement, version: retirement.version - 1 },
          ...person,
        }))
      },
    })),
    'each is taken once': plant((repository) => {
      const before = new Set<UserId>()
      return {
        async leaseRetirements(request) {
          const taken = await repository.leaseRetirements(request)
          const fresh = taken.filter(({ user }) => !before.has(user.id))
          for (const { user } of fresh) before.add(user.id)
          return fresh
        },
      }
    }),
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
    'a moment is before itself': plant(({ select }) => ({
      async select(table, where) {
        const found = await select(table, where)
        const conditions = Object.entries(where)
        if (conditions.every(([, value]) => momentOf(value) === undefined)) return found
        const same = Object.fromEntries(conditions.map(([column, value]) => [column, momentOf(value) ?? value]))
        return [...found, ...(await select(table, same as typeof where))]
      },
    })),
    'pages of rows begin with the last one of the page before': plant(({ pageRows, select }) => ({
      async pageRows(table, where, page) {
        const again = await select(table, where)
        const { by, after } = page
        const last = again.filter((row) => row[by] === after)
        return [...last, ...(await pageRows(table, where, page))].slice(0, page.limit)
      },
    })),
    'pages of rows take all rows': plant(({ pageRows }) => ({
      pageRows: (table, _where, page) => pageRows(table, {}, page),
    })),
    'pages of rows always ascend': plant(({ pageRows }) => ({
      pageRows: (table, where, { descending: _, ...page }) => pageRows(table, where, page),
    })),
    'integers are in the order of their text': plant(({ pageRows }) => ({
      async pageRows(table, where, { by, after, descending = false, limit }) {
        const rows = await pageRows(table, where, { by, limit: 1000 })
        const sorted = rows.sort((a, b) => (String(a[by]) < String(b[by]) ? -1 : 1))
        const inOrder = descending ? sorted.reverse() : sorted
        const start = inOrder.findIndex((row) => row[by] === after) + 1
        return inOrder.slice(start, start + limit)
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
    'keys that live are among the expired': plant(({ expiredKeys }) => ({
      expiredKeys: (page) => expiredKeys({ ...page, now: '9999-12-31T23:59:59.999999Z' }),
    })),
    'keys live until after the moment of their end': plant(({ expiredKeys }) => ({
      expiredKeys: async (page) => (await expiredKeys(page)).filter(({ expires_at }) => expires_at < page.now),
    })),
    'the keys that expired last come first': plant(({ expiredKeys }) => ({
      expiredKeys: async (page) => (await expiredKeys({ ...page, limit: 1000 })).reverse().slice(0, page.limit),
    })),
    'every expired key comes at once': plant(({ expiredKeys }) => ({
      expiredKeys: (page) => expiredKeys({ ...page, limit: 1000 }),
    })),
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

  selections: {
    'a table is not known': plant(({ selectEach }) => ({
      selectEach: async (selections) => {
        const found: readonly object[][] = await selectEach(selections)
        return selections.map(([table], index) => (table === 'search_values' ? [] : found[index])) as never
      },
    })),
    'a table is asked once': plant(({ selectEach }) => ({
      selectEach: async (selections) => {
        const found: readonly object[][] = await selectEach(selections)
        const names = selections.map(([table]) => table)
        return names.map((table) => found[names.indexOf(table)]) as never
      },
    })),
    'rows come in the order of the tables': plant(({ selectEach }) => ({
      selectEach: async (selections) => (await selectEach(selections.toSorted())) as never,
    })),
    'texts that look like JSON are JSON': plant(({ selectEach }) => ({
      selectEach: async (selections) => {
        const found: readonly object[][] = await selectEach(selections)
        const changed = (rows: readonly object[]) =>
          rows.map((row) => ('value' in row && row.value === 'true' ? { ...row, value: true } : row))
        return found.map(changed) as never
      },
    })),
    'each table is read for itself': plant(({ select }) => ({
      async selectEach(selections) {
        const found: object[][] = []
        for (const [table, where] of selections) {
          found.push(await select<TableName>(table, where))
          await dawdle()
        }
        return found as never
      },
    })),
  },

  'text search': {
    'capital letters are others': plant(({ searchTexts }) => ({
      async searchTexts(table, search) {
        const { rows, ...page } = await searchTexts(table, search)
        const found = rows.filter((row) => {
          const text = search.columns.map((column) => JSON.stringify(row[column])).join()
          return search.texts.some((wanted) => text.includes(wanted)) || /[^\0-\x7f]|[%\\]/.test(text)
        })
        return { ...page, rows: found }
      },
    })),
    'rows that hold none are found': plant(({ searchTexts, select }) => ({
      async searchTexts(table, search) {
        const page = await searchTexts(table, search)
        return { ...page, rows: table === 'profiles' ? await select(table, {}) : page.rows }
      },
    })),
    'signs are patterns': plant(({ searchTexts, select }) => ({
      async searchTexts(table, search) {
        const page = await searchTexts(table, search)
        const like = search.texts.map((text) => new RegExp(text.replaceAll('_', '.'), 'i'))
        const rows = await select(table, {})
        const matching = rows.filter((row) =>
          search.columns.some((column) => like.some((one) => one.test(String(row[column])))),
        )
        return table === 'profiles' && search.texts.includes('a_b') ? { ...page, rows: matching } : page
      },
    })),
    'texts are compared as they stand': plant(({ searchTexts }) => ({
      async searchTexts(table, search) {
        const { rows, ...page } = await searchTexts(table, search)
        const isPlain = (row: (typeof rows)[number]) =>
          search.columns.every((column) => !/[^\0-\x7f]|[%\\]/.test(String(row[column])))
        return { ...page, rows: rows.filter(isPlain) }
      },
    })),
    'JSON is no text': plant(({ searchTexts }) => ({
      async searchTexts(table, search) {
        const { rows, ...page } = await searchTexts(table, search)
        return { ...page, rows: table === 'outbox' ? [] : rows }
      },
    })),
    'a table is not known': plant(({ searchTexts }) => ({
      async searchTexts(table, search) {
        const { rows, ...page } = await searchTexts(table, search)
        return { ...page, rows: table === 'partner_reports' ? [] : rows }
      },
    })),
    'pages are counted off': plant(({ searchTexts }) => ({
      async searchTexts(table, { after, limit, ...search }) {
        const all = await searchTexts(table, { ...search, limit: 1000 })
        const begin = after === undefined ? 0 : Number(after)
        const rows = all.rows.slice(begin, begin + limit)
        return { rows, lookedAt: rows.length, next: rows.length < limit ? null : String(begin + limit) }
      },
    })),
    'the first page is all': plant(({ searchTexts }) => ({
      searchTexts: async (table, search) => ({ ...(await searchTexts(table, search)), next: null }),
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
