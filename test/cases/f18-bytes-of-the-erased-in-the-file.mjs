import { existsSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { clock, day, outbox, person, site, sqliteDb, system, verdict } from './_kit.mjs'

// A SQLite file after somebody was erased, cleaned up and checkpointed: nothing of them in its bytes.
const file = `${mkdtempSync(`${tmpdir()}/h_bugs_`)}/site.sqlite`
const now = clock()
const s = await site(await sqliteDb({ file, prepare: (raw) => raw.pragma('journal_mode = wal') }), { clock: now })
for (let i = 0; i < 30; i++) await person(s.users, `other${i}`)
const words = ['zanzibar.secret', 'Zanzibar Quux', 'kumquats-and-quince', 'walrus-preference']
await person(s.users, 'zanzibar', {
  email: 'zanzibar.secret@mailbox.example',
  name: 'Zanzibar Quux',
  profile: { year_of_birth: 1990, bio: 'likes kumquats-and-quince' },
})
await s.users.preferences.set({ username: 'zanzibar' }, 'zanzibar', 'a', 'walrus-preference')
await outbox(s.users)
await s.users.retirement.setPipeline(system)
await s.users.retirement.request({ username: 'zanzibar' }, { username: 'zanzibar' })
now.forward(15 * day)
const [claim] = await s.users.retirement.claim(system)
await s.users.retirement.move(system, claim, { state: 'RETIRING_LMS' })
await s.users.retirement.runStep(system, claim, 'account')
await s.users.retirement.move(system, claim, { state: 'COMPLETE' })
await outbox(s.users)
await s.users.retirement.cleanUp(system, ['zanzibar'])
await outbox(s.users)
s.raw.pragma('wal_checkpoint(TRUNCATE)')
await s.close()
const bytes = ['', '-wal']
  .filter((end) => existsSync(file + end))
  .map((end) => readFileSync(file + end, 'latin1'))
  .join('')
const left = words.filter((word) => bytes.includes(word))
await verdict(
  left.length === 0,
  left.length === 0 ? 'no byte of the erased is left' : `still in the file: ${left.join(', ')}`,
)
