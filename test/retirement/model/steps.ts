import fc from 'fast-check'
import { coolOffHours, leaseHours, mostAttempts, order, people, stepOf } from './pipeline.ts'

export type Hand = 'left' | 'right'
/** What the step of the host does with an attempt; `crash`: the process ends in it. */
export type Answer = 'done' | 'more' | 'fail' | 'later' | 'blocked' | 'manual' | 'crash'

export type Step =
  | { readonly do: 'request' | 'cancel' | 'clean' | 'register' | 'write'; readonly who: string }
  | { readonly do: keyof typeof stepOf; readonly who: string; readonly by: Hand | 'nobody' }
  | { readonly do: 'move' | 'force'; readonly who: string; readonly to: string; readonly by: Hand | 'nobody' }
  | { readonly do: 'claim' | 'take' | 'retake' | 'finish'; readonly by: Hand }
  | { readonly do: 'queue' | 'work' | 'stats' }
  | { readonly do: 'advance'; readonly who: string; readonly by: Hand | 'nobody'; readonly answer: Answer }
  | { readonly do: 'reopen'; readonly who: string }
  | { readonly do: 'heartbeat'; readonly by: Hand }
  | { readonly do: 'wait'; readonly hours: number }

const who = fc.constantFrom(...people)
const hand = fc.constantFrom('left' as const, 'right' as const)
const by = fc.oneof({ weight: 2, arbitrary: fc.constant('nobody' as const) }, hand)
const to = fc.oneof(fc.constantFrom(...Object.values(stepOf), 'COMPLETE'), fc.constantFrom(...order, 'NOWHERE'))
const hours = fc.oneof(fc.constantFrom(1, 2, 24, coolOffHours), fc.integer({ min: 1, max: coolOffHours }))
const failing = ['more', 'fail', 'fail', 'later', 'blocked', 'manual', 'crash'] as const
const answer = fc.oneof(fc.constant('done' as const), fc.constantFrom(...failing))
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constantFrom('request', 'cancel', 'clean', 'register', 'write'), who }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('report', 'misc', 'account'), who, by }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constantFrom('move', 'move', 'force'), who, to, by }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('claim', 'take', 'retake', 'finish'), by: hand }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('advance' as const), who, by, answer }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('reopen' as const), who }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('heartbeat' as const), by: hand }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('queue' as const, 'work' as const, 'stats' as const) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('wait' as const), hours }) },
)

const actions = Object.keys(stepOf) as (keyof typeof stepOf)[]

/** One step, or a sequence of steps that would seldom come about by chance. */
export const plot: fc.Arbitrary<Step[]> = fc.oneof(
  { weight: 5, arbitrary: step.map((one) => [one]) },
  fc.record({ who, hours }).map(({ who, hours }): Step[] => [
    { do: 'request', who },
    { do: 'wait', hours },
  ]),
  fc.record({ who, by, action: fc.constantFrom(...actions) }).map(({ who, by, action }): Step[] => [
    { do: 'move', who, by, to: stepOf[action] },
    { do: action, who, by },
  ]),
  fc.record({ who, by }).map(({ who, by }): Step[] => [
    { do: 'force', who, by, to: 'PENDING' },
    { do: 'cancel', who },
  ]),
  fc.record({ who, by }).map(({ who, by }): Step[] => [
    { do: 'move', who, by, to: 'COMPLETE' },
    { do: 'clean', who },
  ]),
  fc.record({ who, by, hand }).map(({ who, by, hand }): Step[] => [
    { do: 'move', who, by, to: stepOf.report },
    { do: 'report', who, by },
    { do: 'take', by: hand },
    { do: 'retake', by: hand },
    { do: 'finish', by: hand },
  ]),
  fc
    .record({ who, times: fc.integer({ min: 1, max: 2 }) })
    .map(({ who, times }): Step[] => [
      ...Array.from({ length: times }, (): Step => ({ do: 'force', who, by: 'nobody', to: 'ERRORED' })),
      { do: 'reopen', who },
    ]),
  fc.record({ who, by }).map(({ who, by }): Step[] => [
    { do: 'request', who },
    { do: 'wait', hours: coolOffHours + 1 },
    { do: 'advance', who, by, answer: 'more' },
  ]),
  fc
    .record({ who, by, answers: fc.array(answer, { minLength: 1, maxLength: 4 }) })
    .map(({ who, by, answers }): Step[] =>
      answers.flatMap((answer) => [
        { do: 'advance', who, by, answer },
        { do: 'wait', hours: 1 },
      ]),
    ),
  fc.record({ who, answer: fc.constantFrom('fail' as const, 'crash' as const) }).map(({ who, answer }): Step[] => [
    ...Array.from({ length: mostAttempts + 1 }, (): Step[] => [
      { do: 'advance', who, by: 'nobody', answer },
      { do: 'advance', who, by: 'nobody', answer: 'done' },
      { do: 'wait', hours: leaseHours.piece },
    ]).flat(),
    { do: 'reopen', who },
    { do: 'advance', who, by: 'nobody', answer: 'done' },
  ]),
  fc.record({ who, by: hand, answer }).map(({ who, by, answer }): Step[] => [
    { do: 'claim', by },
    { do: 'advance', who, by, answer },
    { do: 'heartbeat', by },
    { do: 'advance', who, by: 'nobody', answer: 'done' },
  ]),
)
