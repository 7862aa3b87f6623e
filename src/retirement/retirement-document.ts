import type { RetirementRecord } from '../port/retirement-record.ts'
import type { RetirementStateRow, UserId } from '../port/tables.ts'
import { showInstant } from '../values/instant.ts'

/** A state of a retirement, as documents show it. */
export interface RetirementStateDocument {
  /** The number of the state, equal to `state_execution_order`. */
  readonly id: number
  readonly state_name: string
  readonly state_execution_order: number
}

/**
 * A retirement, as the operations that drive it return it. Source of names: Open edX, `UserRetirementStatusSerializer`.
 */
export interface RetirementDocument {
  /** Names the retirement, for `cancel`. */
  readonly id: UserId
  /** The person as they are now. */
  readonly user: {
    readonly id: UserId
    readonly username: string
    readonly email: string
    /** Null for a person without a profile. */
    readonly profile: { readonly id: UserId; readonly name: string } | null
  }
  readonly current_state: RetirementStateDocument
  readonly last_state: RetirementStateDocument
  readonly original_username: string
  readonly original_email: string
  readonly original_name: string
  readonly retired_username: string
  readonly retired_email: string
  /** The number of the request from the second on, of an account that was brought back by hand: see `again` of `request`. */
  readonly generation?: number
  /** The moment of the request; ISO 8601, UTC. */
  readonly created: string
  /** The moment of the last change; ISO 8601, UTC. */
  readonly modified: string
}

/** Makes the document of a retirement, with its states by number and name. */
export function retirementDocument(
  { retirement, user, profile_name, generation }: RetirementRecord,
  states: readonly RetirementStateRow[],
): RetirementDocument {
  const { id, original_username, original_email, original_name, retired_username, retired_email } = retirement
  return {
    id,
    user: {
      id: user.id,
      username: user.username,
      email: user.email,
      profile: profile_name === undefined ? null : { id: user.id, name: profile_name },
    },
    current_state: stateDocument(retirement.current_state, states),
    last_state: stateDocument(retirement.last_state, states),
    original_username,
    original_email,
    original_name,
    retired_username,
    retired_email,
    ...(generation > 1 && { generation }),
    created: showInstant(retirement.created_at),
    modified: showInstant(retirement.modified_at),
  }
}

function stateDocument(state_name: string, states: readonly RetirementStateRow[]): RetirementStateDocument {
  const order = states.find((state) => state.state_name === state_name)?.state_execution_order ?? 0
  return { id: order, state_name, state_execution_order: order }
}
