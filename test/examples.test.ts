import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const folder = join(import.meta.dirname, '..', 'examples')
const examples = readdirSync(folder).filter((file) => /^\d\d-.*\.ts$/.test(file))

/** Runs an example as a user would, against the built package. Throws unless it ends well. */
const run = (file: string) => execFileSync(process.execPath, [join(folder, file)], { encoding: 'utf8' })

describe('examples', () => {
  it.each(examples)('%s runs to its end', (file) => expect(run(file)).not.toBe(''))

  it('the quickstart shows the main job', () => {
    const output = run('01-quickstart.ts')
    for (const shown of [
      '0001-accounts',
      '"field_name": "occupation"',
      '"name": "Organic Farmer"',
      'changed: level_of_education, bio, language_proficiencies, social_links, extended_profile.occupation, extended_profile.conlangs_spoken',
      "by merge patch: {\n  occupation: { name: 'Organic Farmer' },\n  conlangs_spoken: [ \"na'vi\", 'klingon' ]\n}",
      "by JSON Patch:  {\n  occupation: { name: 'Organic Farmer' },\n  conlangs_spoken: [ \"na'vi\", 'klingon' ]\n}",
      '"developer_message": "schema at /extended_profile/occupation/name"',
      '28 fields',
      '"account_privacy": "private"',
      '400 account_validation_error',
      '"code": "name_has_html"',
      'event account.changed',
      "theme: 'dark',\n  time_zone: 'Europe/London'",
      "theme: { value: 'dark', source: 'user' }",
      "pageSize: { value: 25, source: 'default' }",
      '400 preference_validation_error',
      '400 retirement_state_error cool_off',
      'moved to COMPLETE',
      'notification retire_account',
      'ada: users.username, users.username_key, users.email, users.email_key, profiles.name, social_links.social_link → nowhere',
      'year_of_birth: 1976: profiles.year_of_birth → nowhere',
      'Organic Farmer: extended_profiles.document → nowhere',
      'Europe/London: preferences.value → nowhere',
      'in the bytes of the file: nothing',
      '"username": "bob"',
    ]) {
      expect(output).toContain(shown)
    }
    expect(output).not.toContain('stays out')
    expect(output).not.toContain('NOWHERE')
  })
}, 60_000)
