import { attempt, person, site, sqliteDb, system, verdict } from './_kit.mjs'

// Half a surrogate pair in the domain: every driver stores another character in its place.
const { users } = await site(await sqliteDb())
const email = 'ada@exam\ud800ple.com'
const says = (await users.accounts.validate({ email })).email.valid
const created = await attempt(() => person(users, 'ada', { email }))
if (!created.ok) await person(users, 'ada')
const changed = created.ok
  ? { ok: false }
  : await attempt(() => users.accounts.updateAsOperator(system, 'ada', { email }))
const found = created.ok ? (await attempt(() => users.accounts.getByEmail(system, email))).ok : true
await verdict(
  !says && !created.ok && !changed.ok,
  created.ok
    ? `validate says ${says}, the account is made, and ${found ? 'found' : 'never found'} by its address`
    : 'such an address is refused',
)
