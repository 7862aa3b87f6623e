import { genders, levelsOfEducation, type Settings } from 'usercore'

/** The fields of an account that the form can ask for, beside names, addresses and the password. */
export const accountFields = [
  'country',
  'state',
  'year_of_birth',
  'gender',
  'level_of_education',
  'goals',
  'city',
  'mailing_address',
  'phone_number',
]

/** The form of registration as pages read it: what it asks for, and which countries can be chosen. */
export function formFields({ countries, restricted_countries, extended_profile_fields }: Settings) {
  const names = new Intl.DisplayNames('en', { type: 'region' })
  const choices: Readonly<Record<string, readonly Option[]>> = {
    country: countries
      .filter((code) => !restricted_countries.includes(code))
      .map((value) => ({ value, name: names.of(value) ?? value })),
    gender: optionsOf(genders),
    level_of_education: optionsOf(levelsOfEducation),
  }
  const optional = [...new Set([...accountFields, ...extended_profile_fields])].filter((name) => name !== 'country')
  return [
    field('email', 'E-mail', 'email'),
    field('name', 'Full name', 'text'),
    field('username', 'Public username', 'text'),
    field('password', 'Password', 'password'),
    { ...field('country', 'Country', 'select'), options: choices.country },
    ...optional.map((name) => {
      const options = choices[name]
      const type = options === undefined ? 'text' : 'select'
      return { ...field(name, labelOf(name), type, false), ...(options && { options }) }
    }),
  ]
}

interface Option {
  readonly value: string
  readonly name: string
}

function optionsOf(codes: readonly string[]): readonly Option[] {
  return codes.map((value) => ({ value, name: value }))
}

function field(name: string, label: string, type: string, required = true) {
  return { name, label, type, required }
}

function labelOf(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1).replaceAll('_', ' ')
}
