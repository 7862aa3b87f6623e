import { describe, expect, it } from 'vitest'
import { defaultPipeline, definePipeline, pipelineFromNames, planPipeline } from '../../src/retirement/pipeline.ts'

const ends = ['ERRORED', 'ABORTED', 'COMPLETE']
const namesOf = (states: readonly { readonly state_name: string }[]) => states.map(({ state_name }) => state_name)

describe('definePipeline', () => {
  it('puts PENDING first and the ends last, and leaves room between the numbers of states', () => {
    const { states } = definePipeline([{ step: 'forums', working: 'at work', done: 'through', action: 'misc' }])
    const plain = { step: null, action: null }
    expect(states).toEqual([
      { state_name: 'PENDING', state_execution_order: 1, kind: 'start', ...plain },
      { state_name: 'at work', state_execution_order: 11, kind: 'working', step: 'forums', action: 'misc' },
      { state_name: 'through', state_execution_order: 21, kind: 'done', step: 'forums', action: null },
      { state_name: 'ERRORED', state_execution_order: 31, kind: 'end', ...plain },
      { state_name: 'ABORTED', state_execution_order: 41, kind: 'end', ...plain },
      { state_name: 'COMPLETE', state_execution_order: 51, kind: 'end', ...plain },
    ])
  })

  it('refuses a name that comes twice', () => {
    for (const working of ['PENDING', 'x'])
      expect(() => definePipeline([{ step: 's', working, done: 'x' }])).toThrow(
        expect.objectContaining({ code: 'config_error', params: { pipeline: 'duplicate' } }),
      )
  })

  it('gives the states of Open edX by default', () => {
    expect(namesOf(defaultPipeline.states)).toEqual([
      'PENDING',
      ...['LOCKING_ACCOUNT', 'LOCKING_COMPLETE', 'RETIRING_FORUMS', 'FORUMS_COMPLETE'],
      ...['RETIRING_EMAIL_LISTS', 'EMAIL_LISTS_COMPLETE', 'RETIRING_ENROLLMENTS', 'ENROLLMENTS_COMPLETE'],
      ...['RETIRING_NOTES', 'NOTES_COMPLETE', 'RETIRING_LMS', 'LMS_COMPLETE'],
      ...ends,
    ])
    expect(defaultPipeline.states.at(-1)?.state_execution_order).toBe(151)
  })
})

describe('pipelineFromNames', () => {
  it('reads the names of Open edX as the same states that a definition gives', () => {
    const read = pipelineFromNames(namesOf(defaultPipeline.states))
    const kinds = (states: typeof defaultPipeline.states) =>
      states.map(({ state_name, kind, action }) => [state_name, kind, action])
    expect('value' in read && kinds(read.value.states)).toEqual(kinds(defaultPipeline.states))
  })

  it('pairs a done state with the working state before it, and finds the work of the library by the name of the state', () => {
    const read = pipelineFromNames([
      'PENDING',
      'RETIRING_LMS_MISC',
      'LMS_MISC_COMPLETE',
      'ODD',
      'OWN',
      'X_COMPLETE',
      ...ends,
    ])
    expect('value' in read && read.value.states.slice(1, -3)).toMatchObject([
      { kind: 'working', step: 'retiring_lms_misc', action: 'misc' },
      { kind: 'done', step: 'retiring_lms_misc', action: null },
      { kind: 'working', step: 'odd', action: null },
      { kind: 'working', step: 'own', action: null },
      { kind: 'done', step: 'own', action: null },
    ])
  })

  it.each([
    ['nothing', undefined, 'required'],
    ['an empty list', [], 'required'],
    ['no start', ['X', ...ends], 'invalid'],
    ['a start that is not first', ['X', 'PENDING', ...ends], 'invalid'],
    ['an end that is missing', ['PENDING', 'ERRORED', 'ABORTED'], 'invalid'],
    ['ends in another order', ['PENDING', 'ABORTED', 'ERRORED', 'COMPLETE'], 'invalid'],
    ['a state behind the ends', ['PENDING', ...ends, 'X'], 'invalid'],
    ['a name that is none', ['PENDING', '', ...ends], 'invalid'],
    ['a name that comes twice', ['PENDING', 'X', 'X', ...ends], 'duplicate'],
  ] as const)('refuses %s', (_, names, code) => {
    expect(pipelineFromNames(names as never)).toEqual({ issues: [{ pointer: '/states', code }] })
  })
})

describe('planPipeline', () => {
  it('tells the names that come, go and stay', () => {
    const stored = definePipeline([{ step: 'a', working: 'A', done: 'A_COMPLETE' }])
    const wanted = definePipeline([{ step: 'b', working: 'B', done: 'B_COMPLETE' }])
    expect(planPipeline(stored.states, wanted)).toEqual({
      created: ['B', 'B_COMPLETE'],
      removed: ['A', 'A_COMPLETE'],
      remaining: ['PENDING', ...ends],
      states: wanted.states,
    })
  })
})
