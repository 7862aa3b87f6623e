import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { createUserCore } from '../../../src/create-user-core.ts'
import { kyselyRepository, openEdxTables } from '../../../src/kysely/index.ts'
import { system } from '../../../src/site/actor.ts'
import { mailedKey } from '../../support/host.ts'
import { meta, onSite, seeded } from './site.ts'

const ada = { username: 'Ada' }
const staff = { username: 'cy', staff: true }
const settings = { extended_profile_fields: ['occupation', 'student_id', 'missing'] }

onSite('accounts of an Open edX database', (site) => {
  it('are not found by names that only the collation takes for theirs, and such names cannot be taken', async () => {
    const users = site().users({ settings: { enable_unicode_usernames: true } })
    await expect(users.accounts.get(ada, 'Adá')).rejects.toMatchObject({ code: 'user_not_found' })
    const similar = users.accounts.create(system, { username: 'Adá', email: 'new@example.com', name: 'Another' })
    await expect(similar).rejects.toMatchObject({ field_errors: { username: { code: 'conflict' } } })
  })

  it('are read with all their rows', async () => {
    const users = site().users({ settings: { ...settings, enable_secondary_email: true } })
    const account = await users.accounts.get(ada, 'ada')
    expect(account).toMatchObject({
      id: 4,
      username: 'Ada',
      email: 'Ada@Example.com',
      date_joined: '2019-03-01T10:00:00Z',
      last_login: '2024-06-14T08:30:00.250000Z',
      is_active: true,
      name: 'Ada Lovelace',
      bio: 'Notes',
      country: 'IT',
      state: null,
      gender: 'f',
      goals: 'Learn',
      year_of_birth: 1990,
      language_proficiencies: [{ code: 'en' }, { code: 'it' }],
      // The original has two links of one platform: the newest counts.
      social_links: [
        { platform: 'linkedin', social_link: 'https://www.linkedin.com/in/ada' },
        { platform: 'x', social_link: 'https://www.x.com/ada' },
      ],
      profile_image: { has_image: true },
      account_privacy: 'custom',
      extended_profile: [
        { field_name: 'occupation', field_value: 'Farmer' },
        { field_name: 'student_id', field_value: Number('12345678901234567890') },
        { field_name: 'missing', field_value: '' },
      ],
      pending_name_change: 'Ada King',
      secondary_email: 'Ada@Second.example',
    })
  })

  it('are shown to others in the fields that their preferences allow', async () => {
    const seen = await site().users().accounts.get({ username: 'bob' }, 'ADA')
    expect(seen).toEqual({ username: 'Ada', bio: 'Notes', profile_image: expect.anything(), account_privacy: 'custom' })
  })

  it('are read with an empty profile, without one, and with a meta that is no JSON', async () => {
    const { original } = site()
    await sql`update auth_userprofile set meta = '{broken' where user_id = 5`.execute(original)
    const found = [...(await site().users({ settings }).accounts.getMany(staff, ['bob', 'cy'])).values()]
    expect(found).toMatchObject([
      { username: 'bob', is_active: false, name: '', bio: null, gender: null, language_proficiencies: [] },
      { username: 'cy', name: null, bio: null, language_proficiencies: null, extended_profile: null },
    ])
    expect(found[0]?.extended_profile).toMatchObject([{ field_value: '' }, { field_value: '' }, { field_value: '' }])
  })

  it('are read in one statement, for any number of people', async () => {
    const statements: string[] = []
    const db = site().database.connect({ log: ({ query }) => void statements.push(query.sql) })
    const users = createUserCore({
      repository: kyselyRepository(db, { dialect: 'mysql', tables: openEdxTables }),
      settings: seeded,
    })
    expect(await users.accounts.get(staff, 'ada')).toHaveProperty('username', 'Ada')
    expect((await users.accounts.getMany(staff, ['ada', 'bob', 'cy'])).size).toBe(3)
    expect(await users.accounts.searchByEmail(staff, ['ADA@EXAMPLE.COM'])).toHaveLength(1)
    expect(await users.preferences.getAll({ username: 'bob' }, 'bob')).toEqual({ account_privacy: 'private' })
    expect(statements).toHaveLength(4)
  })

  it('are written where the original reads, and no other column changes', async () => {
    const before = await site().row('auth_userprofile')
    await site()
      .users({ settings })
      .accounts.update(ada, 'ada', {
        name: 'Ada King',
        bio: 'Engines 👩‍🚀',
        phone_number: '',
        language_proficiencies: [{ code: 'en' }, { code: 'fr' }],
        social_links: [{ platform: 'x', social_link: 'countess' }],
        extended_profile: [{ field_name: 'occupation', field_value: { name: 'Countess' } }],
        account_privacy: 'private',
      })
    expect(await site().row('auth_userprofile')).toEqual({
      ...before,
      name: 'Ada King',
      bio: 'Engines 👩‍🚀',
      phone_number: null,
      meta: expect.any(String),
    })
    const written = String((await site().row('auth_userprofile'))?.meta)
    expect(written).toContain('"student_id":12345678901234567890')
    expect(written).toContain('"note":"caf\\u00e9"')
    expect(JSON.parse(written)).toEqual({
      ...JSON.parse(meta),
      occupation: { name: 'Countess' },
      old_names: [...JSON.parse(meta).old_names, ['Ada Lovelace', 'name_changed', '2024-06-15T12:00:00.123000+00:00']],
    })
    // The row of the language that went is the one of the language that came.
    expect(await site().rows('student_languageproficiency')).toMatchObject([
      { id: 1, code: 'fr', user_profile_id: 11 },
      { id: 2, code: 'en', user_profile_id: 11 },
    ])
    expect(
      (await site().rows('student_sociallink')).map(({ platform, social_link }) => [platform, social_link]),
    ).toEqual([
      ['linkedin', 'https://www.linkedin.com/in/ada'],
      ['x', 'https://www.x.com/countess'],
    ])
    expect(await site().rows('user_api_userpreference')).toContainEqual(
      expect.objectContaining({ key: 'account_privacy', value: 'private', user_id: 4 }),
    )
    expect(await site().rows('auth_user')).toHaveLength(3)
    expect(await site().rows('usercore_account_history')).toMatchObject([{ field: 'name', old_value: 'Ada Lovelace' }])
  })

  it('get a profile with their first change', async () => {
    await site()
      .users()
      .accounts.update({ username: 'cy' }, 'cy', { name: 'Cy', extended_profile: { a: 1 } })
    const profiles = await site().rows('auth_userprofile')
    expect(profiles.at(-1)).toMatchObject({
      user_id: 6,
      name: 'Cy',
      meta: '{"a":1}',
      courseware: 'course.xml',
      language: '',
      location: '',
      year_of_birth: null,
    })
  })

  it('get a new meta in the place of an unreadable one, which is kept aside', async () => {
    await sql`update auth_userprofile set meta = '[1, 2' where user_id = 5`.execute(site().original)
    await site()
      .users()
      .accounts.update({ username: 'bob' }, 'bob', { extended_profile: { a: 1 } })
    expect((await site().rows('auth_userprofile'))[1]?.meta).toBe('{"a":1}')
    expect(await site().rows('usercore_extended_profiles')).toMatchObject([
      { user_id: 5, owner: expect.stringMatching(/^quarantine:/), document: '[1, 2' },
    ])
  })

  it('have sections of other owners in our table, and keep the version of a document', async () => {
    const users = site().users({ settings: { extended_profile_fields: ['segment', 'occupation'] } })
    await users.extendedProfile.update({ system: true, name: 'crm' }, 'ada', { segment: 'A' })
    expect((await site().row('auth_userprofile'))?.meta).toBe(meta)
    expect((await users.accounts.get(ada, ada)).extended_profile).toEqual([
      { field_name: 'segment', field_value: 'A' },
      { field_name: 'occupation', field_value: 'Farmer' },
    ])
    const [own] = await site().repository.select('extended_profiles', { user_id: 4, owner: 'user' })
    expect(own).toMatchObject({ schema_version: 1 })
    const newer = { user_id: 4, owner: 'user', document: '{"occupation": "Countess"}', schema_version: 2 }
    expect(await site().repository.commit([{ upsert: 'extended_profiles', rows: [newer] }])).toBe(true)
    expect(await site().repository.select('extended_profiles', { owner: 'user' })).toEqual([newer])
  })

  it('have versions that grow by one with our changes, and jump with those of the original', async () => {
    const users = site().users()
    const { version } = await users.accounts.getVersioned(ada, ada)
    const first = await users.accounts.update(ada, 'ada', { goals: '1' }, { expectedVersion: version })
    const second = await users.accounts.update(ada, 'ada', { goals: '2' }, { expectedVersion: first.version })
    expect([first.version, second.version]).toEqual([version + 1, version + 2])
    expect((await users.accounts.getVersioned(ada, ada)).version).toBe(second.version)
    for (const change of [
      sql`update auth_userprofile set city = 'Pisa' where user_id = 4`,
      sql`update auth_userprofile set meta = json_set(meta, '$.note', 'x') where user_id = 4`,
      sql`update student_sociallink set social_link = 'https://www.x.com/a' where id = 3`,
      sql`insert into student_languageproficiency (code, user_profile_id) values ('de', 11)`,
      sql`update auth_accountrecovery set is_active = 0`,
    ]) {
      const seen = await users.accounts.getVersioned(ada, ada)
      await change.execute(site().original)
      const late = users.accounts.update(ada, 'ada', { goals: '3' }, { expectedVersion: seen.version })
      await expect(late).rejects.toMatchObject({ code: 'conflict' })
    }
    // The platform stores its sessions and earlier names without changing any field that readers see.
    const seen = await users.accounts.getVersioned(ada, ada)
    await sql`update auth_userprofile set meta = json_set(meta, '$.session_id', 'x') where user_id = 4`.execute(
      site().original,
    )
    await users.accounts.update(ada, 'ada', { goals: '3' }, { expectedVersion: seen.version })
  })

  it('are created with all rows that the original needs, and taken names are refused in any letter case', async () => {
    const users = site().users()
    const create = (username: string, email: string) =>
      users.accounts.create(system, { username, email, name: 'Dan', profile: { country: 'FR' } })
    const { id } = await create('dan', 'Dan@Example.com')
    await create('eve', 'eve@example.com')
    const [dan, eve] = (await site().rows('auth_user')).slice(-2)
    expect(dan).toMatchObject({
      id,
      username: 'dan',
      email: 'Dan@Example.com',
      first_name: '',
      last_name: '',
      is_staff: 0,
      is_superuser: 0,
      is_active: 0,
      last_login: null,
      password: expect.stringMatching(/^![\w-]{40}$/),
    })
    expect(eve?.password).not.toBe(dan?.password)
    expect((await site().rows('auth_userprofile')).at(-2)).toMatchObject({ user_id: id, name: 'Dan', country: 'FR' })
    await expect(create('ADA', 'new@example.com')).rejects.toMatchObject({ field_errors: { username: {} } })
    await expect(create('fay', 'ADA@second.EXAMPLE')).rejects.toMatchObject({ field_errors: { email: {} } })
    await users.accounts.activate(system, await mailedKey(users, 'activation'))
    expect((await site().rows('auth_user')).at(-1)).toMatchObject({ username: 'eve', is_active: 1 })
  })

  it('change their address, and keep the earlier one where the original does', async () => {
    const users = site().users()
    await users.accounts.update(ada, 'ada', { email: 'ada@king.example' })
    await users.accounts.confirmEmailChange(await mailedKey(users, 'email_change_confirmation'))
    expect(await site().row('auth_user')).toMatchObject({ email: 'ada@king.example' })
    expect(JSON.parse(String((await site().row('auth_userprofile'))?.meta)).old_emails).toEqual([
      ['Ada@Example.com', '2024-06-15T12:00:00.123000+00:00'],
    ])
  })

  it('lose the keys that the original has mailed when they are locked, and the addresses are redacted', async () => {
    const users = site().users()
    const kept = ['auth_registration', 'student_pendingemailchange', 'student_pendingsecondaryemailchange']
    const owners = async () =>
      (await Promise.all(kept.map((table) => site().rows(table)))).flat().map(({ user_id }) => user_id)
    expect(await owners()).toContain(4)
    await users.accounts.updateAsOperator(system, 'ada', { is_active: false })
    expect(await owners()).not.toContain(4)
  })

  it.each<[string, (users: ReturnType<ReturnType<typeof site>['users']>) => Promise<unknown>]>([
    [
      'an operator sets another address',
      (users) => users.accounts.updateAsOperator(system, 'ada', { email: 'ada@king.example' }),
    ],
    ['all that waits is dropped', (users) => users.accounts.dropPendingChanges(system, 'ada')],
    [
      'they confirm another address',
      async (users) => {
        await sql`update auth_user set is_active = false where username = 'ada'`.execute(site().original)
        await users.accounts.update(ada, 'ada', { email: 'ada@king.example' })
        await users.accounts.confirmEmailChange(await mailedKey(users, 'email_change_confirmation'))
      },
    ],
  ])('lose the activation key that the original has mailed when %s', async (_which, change) => {
    const keyOf = async (id: number) =>
      (await site().rows('auth_registration')).find(({ user_id }) => user_id === id)?.activation_key
    const [before, others] = [await keyOf(4), await keyOf(5)]
    await change(site().users())
    expect(await keyOf(4)).toMatch(/^[0-9a-f]{32}$/)
    expect(await keyOf(4)).not.toBe(before)
    expect(await keyOf(5)).toBe(others)
  })

  it('get the name of a request to the original, unless it is another one by now', async () => {
    const users = site().users()
    const [{ request_id = '' } = {}] = await site().repository.select('pending_name_changes', {})
    await sql`update student_pendingnamechange set new_name = 'Mallory'`.execute(site().original)
    const confirm = (requestId: string) => users.accounts.confirmNameChange(staff, 'ada', { requestId })
    await expect(confirm(request_id)).rejects.toMatchObject({ code: 'conflict' })
    const asked = await users.accounts.requestNameChange(ada, ada, 'Ada Byron')
    expect(await site().row('student_pendingnamechange')).toMatchObject({ new_name: 'Ada Byron', user_id: 4 })
    await confirm(String(asked.requestId))
    expect(await site().row('auth_userprofile')).toMatchObject({ name: 'Ada Byron' })
    expect(await site().rows('student_pendingnamechange')).toEqual([])
    expect(await site().rows('usercore_pending_name_changes')).toEqual([])
  })

  it('keep their image and their former username when they are renamed', async () => {
    const users = site().users({ settings: { profile_image_naming: 'username' } })
    const md5 = createHash('md5').update(`${seeded.profile_image_hash_seed}Ada`).digest('hex')
    const { profile_image } = await users.accounts.get(system, 'ada')
    expect(profile_image?.image_url_full).toContain(`/${md5}_500.jpg?`)
    await users.accounts.replaceUsernames(system, [{ whom: 'ada', username: 'Grace' }])
    expect(await users.accounts.get(system, 'grace')).toMatchObject({ profile_image })
    expect(await site().rows('usercore_former_usernames')).toMatchObject([{ username: 'Ada', user_id: 4 }])
    const another = { username: 'ADA', email: 'another@example.com', name: 'Another' }
    await expect(users.accounts.create(system, another)).rejects.toMatchObject({
      field_errors: { username: { code: 'conflict' } },
    })
    await users.accounts.releaseUsername(system, 'ada')
    await users.accounts.create(system, another)
    expect(await site().rows('usercore_former_usernames')).toEqual([])
  })

  it('are changed inside a transaction of the host, and rolled back with it', async () => {
    const db = site().database.connect()
    const users = createUserCore({
      repository: kyselyRepository(db, { dialect: 'mysql', tables: openEdxTables }),
      settings: seeded,
    })
    const failure = new Error('rolled back')
    const work = db.transaction().execute(async (transaction) => {
      await users.with(transaction).accounts.update(ada, 'ada', { bio: 'new', extended_profile: { a: 1 } })
      expect((await users.with(transaction).accounts.get(ada, ada)).bio).toBe('new')
      throw failure
    })
    await expect(work).rejects.toBe(failure)
    expect(await site().row('auth_userprofile')).toMatchObject({ bio: 'Notes', meta })
  })
})
