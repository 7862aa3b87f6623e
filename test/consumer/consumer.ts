/** A project of its own: compiled against the declarations that the package ships, without casts of any kind. */
import { createUserCore, defineExtendedProfile, definePreferences, system } from 'usercore'
import { memoryRepository } from 'usercore/memory'
import * as z from 'zod'

const users = createUserCore({
  repository: memoryRepository(),
  preferences: definePreferences({ theme: { schema: z.enum(['light', 'dark']), default: 'light' } }),
  extendedProfile: defineExtendedProfile({
    occupation: z.object({ name: z.string(), salary: z.string().optional() }),
    since: { schema: z.int(), visibility: 'shared', history: true },
  }),
})

export async function use(): Promise<{ title: string; since: number; theme: 'light' | 'dark'; year: number | null }> {
  await users.accounts.create(system, { username: 'ada', email: 'ada@example.com', name: 'Ada' })
  await users.accounts.update(system, 'ada', { extended_profile: { occupation: { name: 'Farmer' }, since: 1840 } })
  await users.accounts.patch(system, 'ada', [{ op: 'replace', path: '/extended_profile/since', value: 1841 }])
  const { values } = await users.extendedProfile.get(system, 'ada')
  const { theme } = await users.preferences.resolve(system, 'ada', ['theme'])
  const account = await users.accounts.get(system, 'ada')
  return {
    title: values.occupation?.salary ?? values.occupation?.name ?? 'none',
    since: values.since ?? 0,
    theme: theme.value,
    year: account.year_of_birth ?? null,
  }
}

/** Never called: each line is an error that the compiler finds. */
export function misuse(): void {
  // @ts-expect-error no field of that name
  users.accounts.update(system, 'ada', { extended_profile: { ocupation: { name: 'Farmer' } } })
  // @ts-expect-error no value of the field
  users.accounts.update(system, 'ada', { extended_profile: { since: 'always' } })
  // @ts-expect-error a misspelt field of the account
  users.accounts.update(system, 'ada', { boi: 'x' })
}
