/** What each runtime and test runner does with the package as it is installed: create, update, patch, retire. */
import { createUserCore, definePipeline, isUserCoreError, system } from 'usercore'

/** Uses every part of the library once over a repository. Resolves to what came out, the same everywhere. */
export async function use(repository) {
  let now = new Date('2026-06-15T12:00:00Z')
  const users = createUserCore({
    repository,
    settings: {
      retired_identifier_keys: [{ id: 'k1', secret: 'thirty-two characters, or some more' }],
      settle_minutes: 0,
      extended_profile_fields: ['occupation'],
    },
    clock: () => now,
  })
  const profile = { year_of_birth: 1985 }
  await users.accounts.create(
    system,
    { username: 'ada', email: 'ada@example.com', name: 'Ada', profile },
    { active: true },
  )
  const ada = { username: 'ada' }
  // Objects and lists of the runner's realm, whatever that is.
  const occupation = structuredClone({ name: 'Farmer', crops: ['rye', { oats: 1.5 }] })
  await users.accounts.update(ada, 'ada', { bio: 'Engines', extended_profile: { occupation } })
  const { account } = await users.accounts.patch(ada, 'ada', [
    { op: 'test', path: '/bio', value: 'Engines' },
    { op: 'add', path: '/extended_profile/occupation/crops/-', value: 'barley' },
  ])
  await users.preferences.update(ada, 'ada', { theme: 'dark' })
  const refused = await users.accounts.update(ada, 'ada', { name: '<b>' }).catch((error) => error)

  const { retirement } = users
  const steps = [
    { step: 'misc', working: 'RETIRING_MISC', done: 'MISC_COMPLETE', action: 'misc' },
    { step: 'account', working: 'RETIRING_ACCOUNT', done: 'ACCOUNT_COMPLETE', action: 'account' },
  ]
  await retirement.setPipeline(system, definePipeline(steps))
  await retirement.requestByOperator(system, { csv: 'ada,ada@example.com' })
  now = new Date(now.getTime() + 15 * 86_400_000)
  const [claim] = await retirement.claim(system)
  const moveTo = (state) => retirement.move(system, claim, { state })
  await moveTo('RETIRING_MISC')
  await retirement.runStep(system, claim, 'misc')
  await moveTo('MISC_COMPLETE')
  await moveTo('RETIRING_ACCOUNT')
  await retirement.runStep(system, claim, 'account')
  await moveTo('COMPLETE')
  await retirement.cleanUp(system, ['ada'])
  return {
    extended_profile: account.extended_profile,
    refused: isUserCoreError(refused) && refused.field_errors.name.code,
    retired: await users.retired.isRetired(system, 'username', 'Ada'),
  }
}
