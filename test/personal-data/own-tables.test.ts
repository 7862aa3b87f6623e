import { expect, it } from 'vitest'
import { system, userCoreSources } from '../../src/index.ts'
import { openSite } from '../retirement/site.ts'
import { onEachStore } from '../support/stores.ts'

onEachStore('tables of the library', (open) => {
  it('are exported and counted from where their rows are kept', async () => {
    await using store = await open()
    const { users } = await openSite(store.repository, ['ada', 'bob'])
    const ada = { username: 'ada' }
    await users.accounts.update(ada, 'ada', { bio: 'mathematician', language_proficiencies: [{ code: 'en' }] })
    await users.accounts.update({ username: 'bob' }, 'bob', { bio: 'bob was here' })
    await users.preferences.set(ada, 'ada', 'theme', 'dark')
    await users.emailOptIns.set(ada, 'ada', { org: 'OrgX', optIn: true })
    const files = new Map<string, unknown[]>()
    for await (const { path, content } of users.personalData.export(ada)) {
      let text = ''
      for await (const piece of content) text += Buffer.from(piece).toString()
      if (path === 'manifest.json') continue
      expect(text, path).not.toMatch(/bob/)
      const rows = text.split('\n').slice(0, -1)
      files.set(
        path,
        rows.map((line) => JSON.parse(line)),
      )
    }
    expect(files.size).toBe(userCoreSources.length)
    expect(files.get('usercore_profiles.ndjson')?.[0]).toMatchObject({ bio: 'mathematician' })
    expect(files.get('usercore_preferences.ndjson')).toContainEqual(
      expect.objectContaining({ key: 'theme', value: 'dark' }),
    )
    expect(files.get('usercore_org_tags.ndjson')).toHaveLength(1)
    const { sources } = await users.retirement.plan(system, 'ada')
    for (const { source, rows } of sources) expect.soft(files.get(`${source}.ndjson`)?.length, source).toBe(rows)
  })
})
