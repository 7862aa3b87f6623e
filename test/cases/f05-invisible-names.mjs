import { attempt, person, site, sqliteDb, verdict } from './_kit.mjs'

// Names that show nothing; and names that need a joiner inside and have to stay possible.
const { users } = await site(await sqliteDb(), { settings: { enable_unicode_usernames: true } })
await person(users, 'ada')
const name = async (text) => (await attempt(() => users.accounts.update({ username: 'ada' }, 'ada', { name: text }))).ok
const taken = []
for (const text of ['\u200b', '\u3164', '\u2060\u2060', '\u00ad', '\u115f', '\ufe0f', '\u{e0020}', '\u2800'])
  if (await name(text)) taken.push(text.codePointAt(0).toString(16))
for (const username of ['\u3164\u3164', '\u115f\u1160'])
  if ((await users.accounts.validate({ username })).username.valid)
    taken.push(`username ${username.codePointAt(0).toString(16)}`)
const needed =
  (await name('\u0639\u0644\u06cc\u200c\u0631\u0636\u0627')) && (await name('Zo\u00eb \u{1f469}\u200d\u{1f52c}'))
await verdict(
  taken.length === 0 && needed,
  taken.length > 0
    ? `names that show nothing are taken: ${taken.join(', ')}`
    : needed
      ? 'names have something to see'
      : 'names with a joiner inside are refused',
)
