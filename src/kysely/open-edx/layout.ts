import { type RawBuilder, sql } from 'kysely'
import type { TableName } from '../../port/tables.ts'
import type { Write } from '../../port/write.ts'
import { applyWrite } from '../apply-write.ts'
import type { Layout, Places } from '../table-definition.ts'
import type { UserTable } from '../user-table.ts'
import { accountRecoveries, pendingNameChanges } from './account-parts.ts'
import { besideTables, definitionOf } from './beside-tables.ts'
import { expectedTables } from './expected-tables.ts'
import {
  type ExtendedProfileWrite,
  extendedProfiles,
  ownersOfParts,
  writeExtendedProfiles,
} from './extended-profiles.ts'
import { type KeptTable, type KeptTables, theirs, type Unit } from './kept-table.ts'
import { leaseKept } from './lease-kept.ts'
import { writeLeftovers } from './leftovers.ts'
import { courseTags, orgTags, preferences } from './preferences.ts'
import { languageProficiencies, profiles, sealProfiles, socialLinks } from './profiles.ts'
import { partnerReports, retirementRequests, retirementStates, retirements } from './retirement.ts'
import { upsertStates } from './upsert-states.ts'
import { writeKept } from './write-kept.ts'

/** Returns the layout of an existing Open edX database: see `openEdxTables`. */
export function openEdxLayout(places: Places, users: UserTable): Layout {
  const kept: KeptTables = {
    profiles: profiles(places),
    language_proficiencies: languageProficiencies(places),
    social_links: socialLinks(places),
    preferences: preferences(places),
    org_tags: orgTags(places),
    course_tags: courseTags(places),
    account_recoveries: accountRecoveries(places),
    pending_name_changes: pendingNameChanges(places),
    retirement_states: retirementStates(places),
    retirements: retirements(places),
    retirement_requests: retirementRequests(places),
    partner_reports: partnerReports(places),
  }
  const sources: Partial<Record<TableName, RawBuilder<unknown>>> = {
    extended_profiles: extendedProfiles(places),
    ...Object.fromEntries(Object.entries(kept).map(([table, rows]) => [table, selectOf(rows as KeptTable)])),
  }
  return {
    keeps: (table) => table in kept,
    source: (table) => sources[table],
    owners: (table) => (table === 'extended_profiles' ? ownersOfParts(places) : undefined),
    profileTable: theirs(places, 'auth_userprofile'),
    async apply(on, writes) {
      const unit: Unit = { on, places, kept, versions: new Map() }
      for (const write of writes) {
        if (!(await apply(unit, write))) return false
      }
      await sealProfiles(unit)
      return true
    },
    leaseRetirements: (on, request) => leaseKept({ on, places, kept, versions: new Map() }, request),
    isolation: 'read committed',
    define(table, own, types) {
      const beside = besideTables[table]
      if (beside !== undefined && beside.isLater !== true) return definitionOf(beside, types)
      return table in besideTables ? undefined : own
    },
    defineBeside(table, types) {
      const beside = besideTables[table]
      return beside && definitionOf(beside, types)
    },
    expected: expectedTables(places, kept, users),
  }
}

function selectOf(table: KeptTable): RawBuilder<unknown> {
  const { from, cells } = table.rows(false)
  const columns = Object.entries(cells).map(([column, cell]) => sql`${cell} as ${sql.id(column)}`)
  return sql`(select ${sql.join(columns)} from ${from})`
}

async function apply(unit: Unit, write: Write): Promise<boolean> {
  if (!(await put(unit, write))) return false
  await writeLeftovers(unit, write)
  return true
}

/** Applies a write to the tables that have the rows. */
function put(unit: Unit, write: Write): Promise<boolean> {
  if ('require' in write) return applyWrite(unit.on, write)
  if (isOfExtendedProfiles(write)) return writeExtendedProfiles(unit, write)
  if ('upsert' in write && write.upsert === 'retirement_states') return upsertStates(unit, write.rows)
  return tableOf(write) in unit.kept ? writeKept(unit, write) : applyWrite(unit.on, write)
}

function isOfExtendedProfiles(write: Write): write is ExtendedProfileWrite {
  return tableOf(write) === 'extended_profiles'
}

function tableOf(write: Write): TableName {
  if ('insert' in write) return write.insert
  if ('upsert' in write) return write.upsert
  if ('put' in write) return write.put
  if ('require' in write) return write.require
  return 'update' in write ? write.update : write.delete
}
