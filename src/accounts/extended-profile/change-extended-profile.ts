import type { AccountRecord } from '../../port/account-record.ts'
import { staffPart } from '../../port/owners.ts'
import type { ExtendedProfileRow } from '../../port/tables.ts'
import type { IsReadOnly } from '../../runtime/read-only.ts'
import type { Context } from '../../site/context.ts'
import { type Checked, refused } from '../../values/checked.ts'
import { type Issue, pointerTo, readOnlyIssue } from '../../values/issues.ts'
import { isEqual, type JsonObject, type JsonValue, jsonIssues } from '../../values/json.ts'
import { schemaIssues } from '../../values/schema-issue.ts'
import { type ExtendedProfileSection, effectiveFields, readPart, readParts } from './document.ts'
import { applyEdit, type ExtendedProfileEdit, growthIssues } from './edit.ts'
import { compareOwners, quarantinePrefix } from './owners.ts'
import { visibilityOf } from './visible-fields.ts'

const at = '/extended_profile'

/** A field that got another value in the section of one owner. */
interface ExtendedFieldChange {
  readonly name: string
  /** Undefined: there was none. */
  readonly old: JsonValue | undefined
  /** Undefined: it was removed. */
  readonly new: JsonValue | undefined
}

/** An extended profile after an edit. */
export interface ExtendedProfileChange {
  /** Every section, as it is to be stored for the person. */
  readonly rows: readonly ExtendedProfileRow[]
  /** The fields that differ, in the section that was written. */
  readonly changes: readonly ExtendedFieldChange[]
  /** Names that were stored, but are shown to no reader until the site configures or declares them. */
  readonly unconfigured: readonly string[]
  /** Names that still show the value of another owner, which counts more. */
  readonly overruled: readonly string[]
}

/** A change of an extended profile. */
export interface ExtendedProfileRequest {
  /** The owner of the section that is written. */
  readonly owner: string
  /** Makes the edit out of the stored document of that section. */
  readonly edit: (stored: JsonObject) => Checked<ExtendedProfileEdit>
  /** Whether the account is being created, and needs every required field. */
  readonly isNew: boolean
  /** The fields of the account that the writer may not change: `extended_profile`, or `extended_profile.<name>`. */
  readonly isReadOnly: IsReadOnly
}

/**
 * Applies an edit to one owner's section of an extended profile. Declared fields are checked as they will be, merged
 * with the stored values, and only those that the edit touches; all issues come together. Waits for nothing but the
 * host: for its schemas, and for its decision about the fields that the writer may write.
 */
export async function changeExtendedProfile(
  record: AccountRecord,
  request: ExtendedProfileRequest,
  context: Context,
): Promise<Checked<ExtendedProfileChange>> {
  const { extendedProfile: definition, settings } = context
  const part = readPart(record.extended_profiles, request.owner, definition)
  if (part.state === 'outdated') return { issues: [{ pointer: at, code: 'outdated' }] }
  const edit = request.edit(part.document)
  if ('issues' in edit) return edit

  const { set, remove } = edit.value
  const touched = [...set.keys(), ...remove]
  // As many as can be stored, and those that are: more of them change nothing, and each is asked about below.
  const max = settings.extended_profile_max_fields
  if (touched.length > max + Object.keys(part.document).length) return refused(at, 'too_many', { max })
  const issues: Issue[] = []
  for (const name of touched)
    if (!(await mayWrite(name, request, context))) issues.push(readOnlyIssue('extended_profile', pointerTo(at, name)))
  const values = new Map<string, JsonValue>()
  for (const [name, value] of set) {
    const checked = await checkValue(name, value, context)
    if ('issues' in checked) issues.push(...checked.issues)
    else values.set(name, checked.value)
  }
  const after = applyEdit(part.document, { set: values, remove })
  const parts = readParts(record.extended_profiles, definition)
  const effective = effectiveFields(withPart(parts, { ...part, document: after }, definition.precedence))
  for (const [name, { required }] of Object.entries(definition.fields)) {
    const wasThere = request.isNew || Object.hasOwn(part.document, name)
    if (required === true && wasThere && !effective.has(name) && !set.has(name)) {
      issues.push({ pointer: pointerTo(at, name), code: 'required' })
    }
  }
  if (issues.length === 0) issues.push(...growthIssues(part.document, after, settings))
  if (issues.length > 0) return { issues }

  const changes = touched.flatMap((name) => {
    const [old, fresh] = [part.document, after].map((document) =>
      Object.hasOwn(document, name) ? document[name] : undefined,
    )
    return isEqual(old, fresh) ? [] : [{ name, old, new: fresh }]
  })
  const known = new Set([...settings.extended_profile_fields, ...Object.keys(definition.fields)])
  return {
    value: {
      rows: changes.length === 0 ? record.extended_profiles : rowsAfter(record, part, after, context),
      changes,
      unconfigured: [...set.keys()].filter((name) => !known.has(name)),
      overruled: touched.filter((name) => (effective.get(name)?.owner ?? request.owner) !== request.owner),
    },
  }
}

/** Tells whether the writer may write a field: staff write no field that they do not see. */
async function mayWrite(name: string, request: ExtendedProfileRequest, context: Context): Promise<boolean> {
  if (request.owner === staffPart && visibilityOf(name, context) === 'private') return false
  return !((await request.isReadOnly('extended_profile')) || (await request.isReadOnly(`extended_profile.${name}`)))
}

/** Returns the value that is stored: the output of the schema of a declared field, any other value as it came. */
async function checkValue(
  name: string,
  value: JsonValue,
  { extendedProfile, settings }: Context,
): Promise<Checked<JsonValue>> {
  const pointer = pointerTo(at, name)
  const field = Object.hasOwn(extendedProfile.fields, name) ? extendedProfile.fields[name] : undefined
  if (field === undefined) {
    return extendedProfile.unknown === 'reject' ? { issues: [{ pointer, code: 'unknown_field' }] } : { value }
  }
  const result = await field.schema['~standard'].validate(value)
  if (result.issues !== undefined) return { issues: schemaIssues(pointer, result.issues, field) }
  const issues = jsonIssues(result.value, pointer, {
    maxBytes: settings.extended_profile_max_bytes,
    maxDepth: settings.extended_profile_max_depth,
  })
  // The output of a schema can have member names made of the input.
  return issues.length > 0
    ? { issues: issues.map((issue) => ({ ...issue, pointer })) }
    : { value: result.value as JsonValue }
}

/** Returns the sections with one of them replaced, or added in the place of its owner. */
function withPart(
  parts: readonly ExtendedProfileSection[],
  part: ExtendedProfileSection,
  precedence: readonly string[],
): ExtendedProfileSection[] {
  const others = parts.filter(({ owner }) => owner !== part.owner)
  return [...others, part].sort((a, b) => compareOwners(a.owner, b.owner, precedence))
}

/** Returns the rows to store. A text that could not be read is put aside, neither lost nor in the way. */
function rowsAfter(
  record: AccountRecord,
  part: ExtendedProfileSection,
  after: JsonObject,
  context: Context,
): ExtendedProfileRow[] {
  const { version: schema_version } = context.extendedProfile
  const user_id = record.user.id
  const others = record.extended_profiles.filter((row) => row.owner !== part.owner)
  const aside = record.extended_profiles
    .filter((row) => row.owner === part.owner && part.state === 'unreadable')
    .map((row) => ({ ...row, owner: quarantinePrefix + context.ids() }))
  return [...others, ...aside, { user_id, owner: part.owner, document: JSON.stringify(after), schema_version }]
}
