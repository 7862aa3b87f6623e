import { attempt, person, site, sqliteDb, verdict } from './_kit.mjs'

// One domain in several spellings that mail takes for the same (IDNA): one account each must not be had.
const { users } = await site(await sqliteDb())
const pairs = [
  ['info@b\u00fccher.example', 'info@xn--bcher-kva.example'],
  ['user@example.com', 'user@exam\u00adple.com'],
  ['mail@example.org', 'mail@exam\u200bple.org'],
  ['post@example.net', 'post@example.net\u3000'],
]
const twice = []
let count = 0
for (const pair of pairs) {
  const made = []
  for (const email of pair) made.push((await attempt(() => person(users, `user${count++}`, { email }))).ok)
  if (made.every(Boolean)) twice.push(JSON.stringify(pair[1]))
}
await verdict(
  twice.length === 0,
  twice.length === 0 ? 'one mailbox, one account' : `second accounts of one mailbox: ${twice.join(', ')}`,
)
