import type { Vector } from './vector.ts'

/** A case that design.md answers otherwise than the original, on purpose. */
export interface Difference {
  /** The row of design.md's table of differences, and what follows from it. */
  readonly why: string
  /** The outcome that holds here instead. Checked like the case itself. */
  readonly instead: Partial<Pick<Vector, 'then' | 'after'>>
}

/**
 * Cases where design.md wins over a vector. Each runs with what holds here instead, and fails when that does not hold;
 * it is reported as skipped, since the case as it stands is not met.
 */
export const differences: Readonly<Record<string, Difference>> = {
  'preferences/set-store-failure': {
    why: '"key must match fully ^[-_.a-zA-Z0-9]{1,255}$": the new key of this case is refused before storage can fail',
    instead: { then: { error: 'preference_validation_error' } },
  },
  'accounts-update/email-sending-failure-keeps-other-changes': {
    why: '"one transaction; mail leaves through the outbox": a mail that cannot be recorded undoes the whole change',
    instead: {
      after: [
        {
          op: 'account.get',
          actor: 'learner',
          args: { usernames: ['learner'] },
          ok: [{ name: 'Ada Example' }],
          match: 'subset',
        },
      ],
    },
  },
}
