import { type RawBuilder, sql } from 'kysely'
import { expect, it } from 'vitest'
import { createUserCore } from '../../../src/create-user-core.ts'
import type { Repository } from '../../../src/port/repository.ts'
import { system } from '../../../src/site/actor.ts'
import { onSite, seeded } from './site.ts'

const ada = { username: 'Ada' }

/** Returns the repository with an event that happens once between a load and the decision on it. */
function disturbed(repository: Repository, disturb: () => Promise<unknown>): { repository: Repository; loads: number } {
  const counted = { loads: 0, repository }
  const loading =
    <Arguments extends readonly unknown[], Result>(load: (...given: Arguments) => Promise<Result>) =>
    async (...given: Arguments) => {
      const result = await load(...given)
      if (counted.loads++ === 0) await disturb()
      return result
    }
  counted.repository = {
    ...repository,
    findAccounts: loading(repository.findAccounts),
    findPreferences: loading(repository.findPreferences),
  }
  return counted
}

onSite('beside writers that know nothing of us', (site) => {
  const value = async (query: RawBuilder<{ value: unknown }>) => (await query.execute(site().original)).rows[0]?.value

  it.each<[string, RawBuilder<unknown>, RawBuilder<{ value: unknown }>, unknown]>([
    [
      'a column of the profile',
      sql`update auth_userprofile set city = 'Pisa' where id = 11`,
      sql`select city as value from auth_userprofile where id = 11`,
      'Pisa',
    ],
    [
      'a field of meta',
      sql`update auth_userprofile set meta = json_set(meta, '$.shoe_size', 38) where id = 11`,
      sql`select json_value(meta, '$.shoe_size') as value from auth_userprofile where id = 11`,
      '38',
    ],
    [
      'a session in meta',
      sql`update auth_userprofile set meta = json_set(meta, '$.session_id', 'new') where id = 11`,
      sql`select json_value(meta, '$.session_id') as value from auth_userprofile where id = 11`,
      'new',
    ],
    [
      'a language that the update adds too',
      sql`insert into student_languageproficiency (code, user_profile_id) values ('de', 11)`,
      sql`select count(*) as value from student_languageproficiency where code in ('de', 'en', 'fr')`,
      3,
    ],
    [
      'a link',
      sql`update student_sociallink set social_link = 'https://www.linkedin.com/in/king' where platform = 'linkedin'`,
      sql`select social_link as value from student_sociallink where platform = 'linkedin'`,
      'https://www.linkedin.com/in/king',
    ],
    [
      'a preference that an update changes too',
      sql`update user_api_userpreference set value = 'all_users' where user_id = 4 and \`key\` = 'account_privacy'`,
      sql`select value from user_api_userpreference where user_id = 4 and \`key\` = 'account_privacy'`,
      'private',
    ],
  ])('an update keeps %s that changed after it was loaded', async (_, change, query, expected) => {
    const counted = disturbed(site().repository, () => change.execute(site().original))
    await createUserCore({ repository: counted.repository, settings: seeded }).accounts.update(ada, 'ada', {
      bio: 'mine',
      account_privacy: 'private',
      language_proficiencies: [
        { code: 'en' },
        { code: 'it' },
        { code: 'fr' },
        ...(expected === 3 ? [{ code: 'de' }] : []),
      ],
      extended_profile: { hobby: 'Engines' },
    })
    expect(await value(query)).toEqual(expected)
    expect(await value(sql`select bio as value from auth_userprofile where id = 11`)).toBe('mine')
    expect(await value(sql`select json_value(meta, '$.hobby') as value from auth_userprofile where id = 11`)).toBe(
      'Engines',
    )
  })

  it('an update waits for a transaction of theirs, and then sees its changes', async () => {
    const counted = disturbed(site().repository, async () => {})
    const users = createUserCore({ repository: counted.repository, settings: seeded })
    let release = () => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    const theirs = site()
      .original.transaction()
      .execute(async (transaction) => {
        await sql`update auth_userprofile set meta = json_set(meta, '$.a', 1) where id = 11`.execute(transaction)
        await held
      })
    await new Promise((resolve) => setTimeout(resolve, 50))
    let isDone = false
    const ours = users.accounts.update(ada, 'ada', { extended_profile: { b: 2 } }).then(() => {
      isDone = true
    })
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(isDone).toBe(false)
    release()
    await Promise.all([theirs, ours])
    expect(counted.loads).toBe(2)
    const [profile] = await site().rows('auth_userprofile')
    expect(JSON.parse(String(profile?.meta))).toMatchObject({ a: 1, b: 2, occupation: 'Farmer' })
  })

  it('an update inside a transaction sees their commits since it began', async () => {
    const db = site().database.connect()
    await db.transaction().execute(async (transaction) => {
      // At the default isolation of servers, this fixes the state that plain reads see.
      await sql`select * from auth_userprofile`.execute(transaction)
      await sql`insert into student_languageproficiency (code, user_profile_id) values ('de', 11)`.execute(
        site().original,
      )
      const users = createUserCore({ repository: site().repository, settings: seeded }).with(transaction)
      await expect(users.accounts.update(ada, 'ada', { bio: 'late' })).rejects.toMatchObject({ code: 'conflict' })
    })
    expect(await value(sql`select bio as value from auth_userprofile where id = 11`)).toBe('Notes')
  })

  it('sixteen writers of different fields and columns lose nothing', async () => {
    const cores = Array.from({ length: 4 }, () => site().another())
    const fields = Array.from({ length: 16 }, (_, index) => `field${index}`)
    const theirs = async () => {
      for (let turn = 0; turn < 8; turn++) {
        await sql`update auth_userprofile set meta = json_set(meta, concat('$.theirs', ${String(turn)}), ${turn})
          where id = 11`.execute(site().original)
      }
    }
    await Promise.all([
      theirs(),
      ...fields.map((name, index) =>
        cores[index % cores.length]?.accounts.update(ada, 'ada', {
          extended_profile: [{ field_name: name, field_value: index }],
        }),
      ),
    ])
    const stored = JSON.parse(String((await site().row('auth_userprofile'))?.meta))
    expect(Object.keys(stored)).toEqual(expect.arrayContaining([...fields, 'theirs0', 'theirs7', 'session_id', 'note']))
    expect(Object.keys(stored)).toHaveLength(5 + 16 + 8)
  }, 60_000)

  it.each<[string, RawBuilder<unknown>]>([
    ['changed', sql`update user_api_userpreference set value = 'fr' where \`key\` = 'pref-lang'`],
    ['deleted', sql`delete from user_api_userpreference where \`key\` = 'pref-lang'`],
    [
      'deleted and set again',
      sql`replace into user_api_userpreference (\`key\`, value, user_id) values ('pref-lang', 'it', 4)`,
    ],
  ])('a preference that was %s after it was loaded is loaded again', async (_, change) => {
    const counted = disturbed(site().repository, () => change.execute(site().original))
    const users = createUserCore({ repository: counted.repository, settings: seeded })
    await users.preferences.update(ada, 'ada', { 'pref-lang': 'en' })
    expect(counted.loads).toBe(2)
    expect((await users.preferences.getAll(ada, ada))['pref-lang']).toBe('en')
  })

  it('a preference that they set meanwhile is not inserted twice', async () => {
    const insert = sql`insert into user_api_userpreference (\`key\`, value, user_id) values ('theme', 'dark', 4)`
    const counted = disturbed(site().repository, () => insert.execute(site().original))
    const users = createUserCore({ repository: counted.repository, settings: seeded })
    await users.preferences.update(ada, 'ada', { theme: 'light' })
    expect(counted.loads).toBe(2)
    const rows = (await site().rows('user_api_userpreference')).filter(({ key }) => key === 'theme')
    expect(rows).toMatchObject([{ value: 'light' }])
  })

  it('an opt-in that they changed meanwhile is decided on again', async () => {
    const change = sql`update user_api_userorgtag set value = 'False', modified = now(6) where org = 'OrgX'`
    const counted = disturbed(site().repository, () => change.execute(site().original))
    const users = createUserCore({ repository: counted.repository, settings: seeded })
    await users.emailOptIns.set(ada, 'ada', { org: 'OrgX', optIn: false })
    // There was nothing to change in the end: the choice is stored already, and the holder made it.
    expect((await site().rows('usercore_outbox')).filter(({ name }) => name === 'email_opt_in.changed')).toEqual([])
  })

  it('first draws of a group at once all give the same group', async () => {
    const groups = Array.from({ length: 50 }, (_, id) => ({ id, name: `${id}` }))
    const partition = { id: 9, name: 'p', scheme: 'random', groups }
    const cores = [site().users(), site().another()]
    const drawn = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        cores[index % 2]?.partitions.assign(system, 'ada', 'course-v1:OrgX+C+R', partition),
      ),
    )
    expect(new Set(drawn.map((group) => group?.groupId)).size).toBe(1)
  })
})
