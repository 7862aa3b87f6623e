import { Kysely } from 'kysely'
import * as z from 'zod'
import { createUserCore, definePreferences, type UserCoreOptions } from '../../src/index.ts'
import { kyselyRepository } from '../../src/kysely/index.ts'
import { probes } from '../../src/kysely/probes.ts'
import type { Repository } from '../../src/port/repository.ts'
import { dialectOf, type Place } from './places.ts'
import { extendedFields } from './seed.ts'

const staff = { username: 'staff', staff: true } as const
const system = { system: true } as const

/** Kysely logs them, but `keptStatements` answers them by itself: they do not reach the server. */
const unsent: ReadonlySet<string> = new Set([probes.postgres, probes.mysql])

/** Opens the operations that are measured, over kept statements. `count` gets the number of statements of each call. */
export function openSite(place: Place, { people, log }: { readonly people: number; readonly log?: () => void }) {
  const db = new Kysely<unknown>({
    dialect: dialectOf(place, true),
    ...(log !== undefined && {
      log: ({ query }) => {
        if (!/^\s*(begin|start|commit|rollback)\b/i.test(query.sql) && !unsent.has(query.sql)) log()
      },
    }),
  })
  const repository = kyselyRepository(db, { dialect: place.dialect })
  const users = createUserCore({
    repository: repository as Repository<unknown>,
    settings: { extended_profile_fields: [...extendedFields] },
    preferences: definePreferences({ theme: { schema: z.string(), default: 'light', scopes: ['org'] } }),
    enrollments: enrollments(people),
  })
  return {
    db,
    readAccount: (name: string) => users.accounts.get(staff, name),
    readAccounts: (names: readonly string[]) => users.accounts.getMany(staff, names),
    updateAccount: (name: string, { bio, language, fields }: AccountEdit) =>
      users.accounts.update({ username: name }, name, {
        bio,
        language_proficiencies: ['en', language].map((code) => ({ code })),
        extended_profile: Object.entries(fields).map(([field_name, field_value]) => ({ field_name, field_value })),
      }),
    readPreferences: (name: string) => users.preferences.getAll({ username: name }, name),
    setPreferences: (name: string, values: Readonly<Record<string, string>>) =>
      users.preferences.update({ username: name }, name, values),
    resolvePreferences: (name: string, keys: readonly string[], org: string) =>
      users.preferences.resolve({ username: name }, name, keys, { org }),
    prepareRetirement: () => users.retirement.setPipeline(system),
    claim: (limit: number) => users.retirement.claim(system, { limit }),
    take: (limit: number, lease: string) =>
      repository.leaseOutbox({
        now: '2026-11-29T12:00:00.000000Z',
        leased_until: '2026-11-29T12:01:00.000000Z',
        lease,
        limit,
      }),
    exportOptIns: () => users.emailOptIns.export(staff, { orgs: ['OrgX'] }),
  }
}

export type Site = ReturnType<typeof openSite>

/** A change of an account. */
export interface AccountEdit {
  readonly bio: string
  readonly language: string
  readonly fields: Readonly<Record<string, string>>
}

/** Rows that are read at once by an export. */
export const batchSize = 1000

/** People who all take one course, a thousand at once. */
function enrollments(people: number): NonNullable<UserCoreOptions<unknown>['enrollments']> {
  const course_id = 'course-v1:OrgX+Course+Run'
  return {
    coursesOf: async () => [{ org: 'OrgX', course_id }],
    enrollmentsOf: async () => [],
    async *enrolledIn() {
      for (let first = 1; first <= people; first += batchSize) {
        const batch = []
        for (let user_id = first; user_id < first + batchSize && user_id <= people; user_id++) {
          batch.push({ user_id, course_id })
        }
        yield batch
      }
    },
  }
}
