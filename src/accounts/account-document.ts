import type { AccountRecord } from '../port/account-record.ts'
import type { ProfileRow } from '../port/tables.ts'
import type { Context } from '../site/context.ts'
import type { DerivedFields } from '../site/host.ts'
import { showInstant } from '../values/instant.ts'
import type { AccountDocument, AccountField, AccountFields } from './account.ts'
import { requiresParentalConsent } from './age.ts'
import { type ReadDocuments, readDocumentsAgain } from './extended-profile/document.ts'
import { showExtendedProfile, visibleExtendedNames } from './extended-profile/visible-fields.ts'
import { profileImage, uploadedImage } from './fields/profile-image.ts'
import { type Reading, type RecordView, viewOf } from './visibility.ts'

interface Showing {
  readonly record: AccountRecord
  readonly view: RecordView
  readonly context: Context
  readonly derived: DerivedFields
  readonly extendedNames: readonly string[]
  readonly readDocuments: ReadDocuments
}

/**
 * Makes the document of one account for one reader: the fields that the reader may see, and no others. A configured
 * name that no account has is shown as null. `readDocuments`: how the call reads extended profiles.
 */
export function accountDocument(
  record: AccountRecord,
  reading: Reading,
  context: Context,
  derived: DerivedFields = {},
  readDocuments: ReadDocuments = readDocumentsAgain,
): AccountDocument {
  const view = viewOf(record, reading, context)
  const extendedNames = visibleExtendedNames(record, reading, context, view)
  const showing = { record, view, context, derived, extendedNames, readDocuments }
  const { empty, makers } = formOf(view.fields)
  const document: Record<string, unknown> = { ...empty }
  for (const { field, make } of makers) {
    const value = make(showing)
    if (value !== null) document[field] = value
  }
  // Declared fields of the extended profile bring it along.
  if (extendedNames.length > 0 && !('extended_profile' in document)) {
    document.extended_profile = show.extended_profile(showing)
  }
  return document
}

/** The form of documents that show a list of fields. */
interface DocumentForm {
  /** Every field, as null. Objects that get this many members one by one become hash tables, which take four times as long. */
  readonly empty: Readonly<Record<string, null>>
  readonly makers: readonly { readonly field: string; readonly make: (showing: Showing) => unknown }[]
}

/** The forms of lists of fields: the lists of a configuration are the same in every call. */
const formsOfLists = new WeakMap<readonly string[], DocumentForm>()

function formOf(fields: readonly string[]): DocumentForm {
  const known = formsOfLists.get(fields)
  if (known !== undefined) return known
  const form = {
    empty: Object.fromEntries(fields.map((field) => [field, null])),
    makers: fields.map((field) => ({ field, make: isAccountField(field) ? show[field] : () => null })),
  }
  formsOfLists.set(fields, form)
  return form
}

/** Tells whether a name is that of a field of account documents. */
export function isAccountField(name: string): name is AccountField {
  return Object.hasOwn(show, name)
}

/** The maker of each field. */
const show: { readonly [Field in AccountField]: (showing: Showing) => AccountFields[Field] } = {
  username: ({ record }) => record.user.username,
  email: ({ record }) => record.user.email,
  id: ({ record }) => record.user.id,
  date_joined: ({ record }) => `${record.user.date_joined.slice(0, 19)}Z`,
  last_login: ({ record }) => (record.user.last_login === null ? null : showInstant(record.user.last_login)),
  is_active: ({ record }) => record.user.is_active,
  name: profileColumn('name'),
  bio: emptyAsNull('bio'),
  country: emptyAsNull('country'),
  state: emptyAsNull('state'),
  gender: emptyAsNull('gender'),
  level_of_education: emptyAsNull('level_of_education'),
  goals: profileColumn('goals'),
  mailing_address: profileColumn('mailing_address'),
  phone_number: profileColumn('phone_number'),
  year_of_birth: profileColumn('year_of_birth'),
  language_proficiencies: ({ record }) =>
    record.profile === undefined ? null : record.language_proficiencies.map(({ code }) => ({ code })),
  social_links: ({ record }) =>
    record.profile === undefined
      ? null
      : record.social_links.map(({ platform, social_link }) => ({ platform, social_link })),
  profile_image: ({ record, view, context }) => {
    if (record.profile === undefined) return null
    // Only the holder and staff see the picture of a child; the original shows it to everyone.
    const hidden = !view.seesEverything && isKnownMinor(record.profile, context)
    return profileImage(hidden ? undefined : uploadedImage(record, context.settings), context.settings)
  },
  requires_parental_consent: ({ record, context }) =>
    record.profile === undefined ? null : requiresParentalConsent(record.profile.year_of_birth, context),
  account_privacy: ({ view }) => view.privacy,
  extended_profile: ({ record, context, extendedNames, readDocuments }) =>
    record.profile === undefined ? null : showExtendedProfile(record, extendedNames, context, readDocuments),
  pending_name_change: ({ record }) => record.pending_name_change?.new_name ?? null,
  verified_name: ({ derived }) => derived.verified_name ?? null,
  secondary_email: ({ record, context }) =>
    context.settings.enable_secondary_email ? (record.account_recovery?.secondary_email ?? null) : null,
  secondary_email_enabled: ({ context }) => (context.settings.enable_secondary_email ? true : null),
  time_zone: ({ derived }) => derived.time_zone ?? null,
  course_certificates: ({ derived }) => derived.course_certificates ?? null,
}

function isKnownMinor(profile: ProfileRow, context: Context): boolean {
  return requiresParentalConsent(profile.year_of_birth, context, { unknownAge: false })
}

function profileColumn<Column extends keyof ProfileRow>(
  column: Column,
): (showing: Showing) => ProfileRow[Column] | null {
  return ({ record }) => record.profile?.[column] ?? null
}

/** Makes a field that shows a code or text as it is, and `''`, which older data has, as null. */
function emptyAsNull(column: 'bio' | 'country' | 'state' | 'gender' | 'level_of_education') {
  return ({ record }: Showing): string | null => record.profile?.[column] || null
}
