import { attempt, mysqlDb, person, site, verdict } from './_kit.mjs'

// Emoji and letters beyond the first plane, in databases whose default is an older character set.
const text = 'rfkelly \u{1f6b2} \u{1d4b3} \u{20bb7} after'
const wrong = []
for (const charset of ['latin1', 'utf8mb3', 'utf8mb4']) {
  const place = await mysqlDb({ charset, pool: { connectionLimit: 2 } })
  const r = await attempt(async () => {
    const { users } = await site(place, {
      settings: { enable_unicode_usernames: true, extended_profile_fields: ['\u{1f6b2}'] },
    })
    await person(users, '\u{1d4b3}\u{20bb7}', {
      email: 'x@example.com',
      name: text,
      profile: { year_of_birth: 1990, bio: text, extended_profile: { '\u{1f6b2}': { '\u{1f6b2}': text } } },
    })
    const who = { username: '\u{1d4b3}\u{20bb7}' }
    await users.preferences.set(who, who.username, 'k', text)
    const account = await users.accounts.get(who, who)
    return (
      account.name === text &&
      account.bio === text &&
      account.username === who.username &&
      account.extended_profile[0].field_value['\u{1f6b2}'] === text &&
      (await users.preferences.get(who, who, 'k')) === text
    )
  })
  if (r.value !== true) wrong.push(`${charset} (${r.code ?? 'cut'})`)
  await place.close()
}
await verdict(
  wrong.length === 0,
  wrong.length === 0 ? 'every character is kept, whatever the default of the database' : wrong.join(', '),
)
