import type { Translate } from '../values/sentences.ts'
import type { ExtendedFields, ExtendedProfile } from './define-extended-profile.ts'
import type { Settings } from './settings.ts'

/** Draws this many unpredictable bytes. */
export type RandomBytes = (bytes: number) => Uint8Array

/** The facts that rules get besides the values they are about. One is made for each call. */
export interface Context {
  readonly settings: Settings
  /** The declared fields of the extended profile. */
  readonly extendedProfile: ExtendedProfile<ExtendedFields>
  readonly now: Date
  /** Draws an id that sorts by time: a UUID v7. */
  readonly ids: () => string
  readonly random: RandomBytes
  readonly translate: Translate | undefined
}
