import {
  adapter,
  attempt,
  clock,
  day,
  key,
  outbox,
  person,
  site,
  sqliteDb,
  system,
  usercore,
  verdict,
} from './_kit.mjs'

// A call has loaded the account before it was erased, and stores after clean-up: nothing personal may stay.
const kept = []
for (const [what, call] of Object.entries({
  preference: (u) => u.preferences.set({ username: 'ada' }, 'ada', 'note', 'late-secret'),
  'course tag': (u) => u.courseTags.set({ username: 'ada' }, 'ada', 'course-v1:OrgX+C+R', 'k', 'late-secret'),
  'wanted address': (u) => u.accounts.update({ username: 'ada' }, 'ada', { email: 'late-secret@example.com' }),
  'wanted name': (u) => u.accounts.requestNameChange({ username: 'ada' }, 'ada', 'late-secret'),
  bio: (u) => u.accounts.update({ username: 'ada' }, 'ada', { bio: 'late-secret' }),
})) {
  const now = clock()
  const place = await sqliteDb()
  const { users } = await site(place, { clock: now })
  await person(users, 'ada')
  await outbox(users)
  await users.retirement.setPipeline(system)
  const repository = adapter.kyselyRepository(place.db, { dialect: 'sqlite' })
  const [gate, arrival] = [Promise.withResolvers(), Promise.withResolvers()]
  let isFirst = true
  const commit = async (...unit) => {
    if (isFirst) {
      isFirst = false
      arrival.resolve()
      await gate.promise
    }
    return repository.commit(...unit)
  }
  const late = usercore.createUserCore({
    repository: { ...repository, commit },
    clock: now,
    settings: { retired_identifier_keys: [key] },
  })
  const running = attempt(() => call(late))
  // A call that ends before it stores proves nothing.
  const early = await Promise.race([arrival.promise, running])
  if (early !== undefined) throw early.error ?? new Error(`${what}: nothing was stored`)
  await users.retirement.request({ username: 'ada' }, { username: 'ada' })
  now.forward(15 * day)
  const [claim] = await users.retirement.claim(system)
  await users.retirement.move(system, claim, { state: 'RETIRING_LMS' })
  await users.retirement.runStep(system, claim, 'account')
  await users.retirement.move(system, claim, { state: 'COMPLETE' })
  await users.retirement.cleanUp(system, ['ada'])
  gate.resolve()
  await running
  const tables = place.raw
    .prepare("select name from sqlite_master where type = 'table' and name like 'usercore%'")
    .all()
  if (
    tables.some(({ name }) =>
      JSON.stringify(place.raw.prepare(`select * from "${name}"`).all()).includes('late-secret'),
    )
  )
    kept.push(what)
  await place.close()
}
await verdict(
  kept.length === 0,
  kept.length === 0 ? 'late calls store nothing' : `stored for good after clean-up: ${kept.join(', ')}`,
)
