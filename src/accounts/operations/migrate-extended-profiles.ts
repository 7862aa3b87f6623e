import type { AccountRecord } from '../../port/account-record.ts'
import type { ExtendedProfileRow, UserId } from '../../port/tables.ts'
import { requireTrustedCode } from '../../runtime/authorize.ts'
import { type Core, decideAndSave } from '../../runtime/core.ts'
import { afterUser, cursorOf, everyUser } from '../../runtime/pages.ts'
import { isClosed, permitToStore } from '../../runtime/permit.ts'
import type { Actor } from '../../site/actor.ts'
import { accountWrites } from '../account-writes.ts'
import { readPart } from '../extended-profile/document.ts'
import { quarantinePrefix } from '../extended-profile/owners.ts'
import { fieldSearchWrites } from '../search-values.ts'

/** Options of `extendedProfile.migrate`. */
export interface MigrateProfilesOptions {
  /** Counts the changes that would be made, and writes nothing. Default false. */
  readonly dryRun?: boolean
  /** People of a batch, from 1 to 1000. Default 100. */
  readonly batchSize?: number
  /** `after` of the last progress, to go on behind it. Default: from the beginning. */
  readonly after?: string
  /** Gets the progress after each batch; the next batch waits for its promise. Keep `after` to be able to go on. */
  readonly onProgress?: (progress: MigrateProfilesProgress) => void | Promise<void>
}

/** A document that stays as it is. */
export interface StuckDocument {
  readonly user_id: UserId
  readonly owner: string
  readonly schema_version: number
  /**
   * `outdated`: it could not be brought up to the version, or is of a newer one. `unreadable`: the text is no JSON
   * object; it counts as empty, and is put aside when its owner next writes. `quarantined`: it was put aside.
   */
  readonly state: 'outdated' | 'unreadable' | 'quarantined'
}

/** The progress of a migration. */
export interface MigrateProfilesProgress {
  /** Documents that were read. */
  readonly seen: number
  /** Documents that were brought up to the version; in a dry run: that could be. */
  readonly upgraded: number
  /** All documents that stay as they are, none of them lost. */
  readonly stuck: readonly StuckDocument[]
  /** The cursor behind the last person whose documents were read; left out while there was none. */
  readonly after?: string
}

export async function migrateProfiles(
  core: Core,
  actor: Actor,
  { dryRun = false, batchSize = 100, after, onProgress }: MigrateProfilesOptions,
): Promise<MigrateProfilesProgress> {
  requireTrustedCode(actor)
  let progress: MigrateProfilesProgress = { seen: 0, upgraded: 0, stuck: [], ...(after === undefined ? {} : { after }) }
  for await (const ids of everyUser(core, 'extended_profiles', batchSize, afterUser(core, after).after)) {
    const records = (await core.repository.findAccounts({ ids })).filter((record) => !isClosed(core, record))
    let { seen, upgraded } = progress
    const stuck = [...progress.stuck]
    for (const record of records.sort((a, b) => ids.indexOf(a.user.id) - ids.indexOf(b.user.id))) {
      const found = upgradeParts(record, core)
      if (found.upgraded > 0 && !dryRun) await save(core, actor, record)
      seen += record.extended_profiles.length
      upgraded += found.upgraded
      stuck.push(...found.stuck)
    }
    progress = { seen, upgraded, stuck, after: cursorOf(ids.slice(-1)) }
    await onProgress?.(progress)
  }
  return progress
}

/** Stores the documents of one person in the version of the site, also when others write to them meanwhile. */
async function save(core: Core, actor: Actor, loaded: AccountRecord): Promise<void> {
  let record: AccountRecord | undefined = loaded
  await decideAndSave(core, async () => {
    const before: AccountRecord | undefined =
      record ?? (await core.repository.findAccounts({ ids: [loaded.user.id] }))[0]
    record = undefined
    if (before === undefined || isClosed(core, before)) return { writes: [], result: undefined }
    const { after } = upgradeParts(before, core)
    const writes = [...accountWrites(before, after), ...fieldSearchWrites(before, after, core)]
    return { writes, permit: permitToStore(core, actor, [before]), result: undefined }
  })
}

/** Returns an account with its documents in the version of the site, as far as they can be brought there. */
function upgradeParts(
  record: AccountRecord,
  { extendedProfile }: Core,
): { after: AccountRecord; upgraded: number; stuck: StuckDocument[] } {
  const rows: ExtendedProfileRow[] = []
  const stuck: StuckDocument[] = []
  let upgraded = 0
  for (const row of record.extended_profiles) {
    const { user_id, owner, schema_version } = row
    const isQuarantined = owner.startsWith(quarantinePrefix)
    const { state, document } = readPart([row], owner, extendedProfile)
    if (isQuarantined) stuck.push({ user_id, owner, schema_version, state: 'quarantined' })
    else if (state === 'outdated' || state === 'unreadable') stuck.push({ user_id, owner, schema_version, state })
    const isUpgraded = state === 'upgraded' && !isQuarantined
    upgraded += Number(isUpgraded)
    rows.push(
      isUpgraded ? { ...row, document: JSON.stringify(document), schema_version: extendedProfile.version } : row,
    )
  }
  return { after: { ...record, extended_profiles: rows }, upgraded, stuck }
}
