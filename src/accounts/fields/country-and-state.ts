import { countryWithStates } from '../../values/code-lists.ts'

/** The two fields that depend on each other. */
interface Place {
  readonly country: string | null
  readonly state: string | null
}

/**
 * Returns the state that stays once a patch is applied: none when the patch sets a country that has no states, even if
 * it sets a state as well. A state sent alone is kept whatever the country is. Source: Open edX,
 * `_update_state_if_needed`.
 */
export function stateAfter(patched: Place, patchSetsCountry: boolean): string | null {
  return patchSetsCountry && patched.country !== countryWithStates ? null : patched.state
}
