import { clock, day, outbox, person, site, sqliteDb, system, verdict } from './_kit.mjs'

// A person with an image gets another username and is erased later: somebody has to be told of the files under the old name.
const now = clock()
const { users } = await site(await sqliteDb(), { clock: now })
await person(users, 'ada')
await users.accounts.setProfileImage({ username: 'ada' }, 'ada', { uploaded: true })
const files = Object.values(await users.accounts.profileImageNames(system, 'ada'))
await outbox(users)
await users.accounts.replaceUsernames(system, [{ whom: 'ada', username: 'grace' }])
const told = await outbox(users)
const shown = Object.values((await users.accounts.get(system, 'grace')).profile_image).map(String)
const stillThere = files.every((file) => shown.some((url) => url.includes(file)))
await users.retirement.setPipeline(system)
await users.retirement.request({ username: 'grace' }, { username: 'grace' })
now.forward(15 * day)
const [claim] = await users.retirement.claim(system)
await users.retirement.move(system, claim, { state: 'RETIRING_LMS' })
await users.retirement.runStep(system, claim, 'account')
told.push(...(await outbox(users)))
const text = JSON.stringify(told.map(({ payload }) => payload))
const knows = files.every((file) => text.includes(file))
await verdict(
  knows,
  knows
    ? 'the host is told of every file'
    : `files of the old username are ${stillThere ? 'shown' : 'lost'} after a rename, and nobody is told to delete them on erasure`,
)
