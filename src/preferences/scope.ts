import type { PreferenceRecord } from '../port/preference-record.ts'
import type { PreferenceSelector } from '../port/repository.ts'
import type { Write } from '../port/write.ts'
import type { Context } from '../site/context.ts'
import type { PreferenceScopeKind } from '../site/define-preferences.ts'
import { badArgument } from '../values/arguments.ts'
import { instantOf } from '../values/instant.ts'
import type { StoredPreference } from './change-preferences.ts'

/**
 * The scope of preferences: an organisation, a course, or the whole site when both are left out. To set a value, name
 * one of the two at most; to resolve a value, both can be given.
 */
export interface PreferenceScope {
  /** Name of an organisation, at most 255 characters. */
  readonly org?: string
  /** Id of a course, at most 255 characters. */
  readonly courseId?: string
}

/** Returns what selects the tags of a scope beside the person's own preferences. */
export function selectorOf({ org, courseId }: PreferenceScope): Pick<PreferenceSelector, 'org' | 'course_id'> {
  return { ...(org === undefined ? {} : { org }), ...(courseId === undefined ? {} : { course_id: courseId }) }
}

/** The table that keeps the values of one scope. */
export interface ScopeTable {
  /** Undefined for the whole site. */
  readonly kind: PreferenceScopeKind | undefined
  readonly rowsOf: (record: PreferenceRecord) => readonly StoredPreference[]
  readonly write: (record: PreferenceRecord, put: readonly StoredPreference[], context: Context) => Write
}

/** Returns the table that keeps the values of a scope. Throws `bad_request` for both an organisation and a course. */
export function tableOf({ org, courseId }: PreferenceScope): ScopeTable {
  if (org !== undefined && courseId !== undefined) throw badArgument('courseId', 'left out where org is given')
  if (org !== undefined) return orgTable(org)
  return courseId === undefined ? siteTable : courseTable(courseId)
}

const siteTable: ScopeTable = {
  kind: undefined,
  rowsOf: (record) => record.preferences,
  write: ({ user }, put) => ({ put: 'preferences', rows: put.map((row) => ({ user_id: user.id, ...row })) }),
}

function orgTable(org: string): ScopeTable {
  return {
    kind: 'org',
    rowsOf: (record) => record.org_tags,
    write: (record, put, context) => {
      const now = instantOf(context.now)
      const created = new Map(record.org_tags.map((row) => [row.key, row.created_at]))
      const rows = put.map((row) => ({
        user_id: record.user.id,
        org,
        ...row,
        created_at: created.get(row.key) ?? now,
        modified_at: now,
      }))
      return { put: 'org_tags', rows }
    },
  }
}

function courseTable(course_id: string): ScopeTable {
  return {
    kind: 'course',
    rowsOf: (record) => record.course_tags,
    write: ({ user }, put) => ({
      put: 'course_tags',
      rows: put.map((row) => ({ user_id: user.id, course_id, ...row })),
    }),
  }
}
