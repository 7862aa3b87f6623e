import type { Kind } from '../../src/values/kinds.ts'

const unreadable = Object.defineProperty({}, 'username', {
  enumerable: true,
  get() {
    throw new RangeError('this member cannot be read')
  },
})
const trap = () => {
  throw new RangeError('nothing of this object can be read')
}
/** An object whose every reading throws. */
export const closed: unknown = new Proxy(
  {},
  { get: trap, getOwnPropertyDescriptor: trap, getPrototypeOf: trap, has: trap, ownKeys: trap },
)
const unprintable = { toString: trap, valueOf: trap, toJSON: trap }
const cycle: unknown[] = []
cycle.push(cycle)
const long = Array.from({ length: 100_001 }, () => 'ada')
const holes = ['ada']
holes.length = 3
const endless: unknown[] = []
endless.length = 2 ** 32 - 1

/** Values that JSON does not have. */
const noJson = [Symbol('ada'), 5n, () => 'ada', Number.NaN]
const objects = [{}, { username: 'ada' }, unprintable, closed, new Date(Number.NaN), new Map()]
const lists = [[], ['ada'], [['ada']], holes]
const numbers = [0, 5, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 1e20, 3e11]
const texts = ['', '5', 'ada', 'null', '[object Object]']

/** Objects that name no person. */
const noPerson = [
  ...[
    {},
    new Map(),
    Object.create({ username: 'ada' }),
    Object.create({ id: 1 }),
    { system: 1 },
    { anonymous: 'true' },
  ],
  ...[{ username: '' }, { username: 7 }, { username: null }, { id: null }, { id: '' }, { id: {} }],
  ...[
    { id: null, username: 'ada' },
    { id: 1, username: null },
  ],
]

/** Values that surprise code which takes a value for what its type says. */
export const odd: readonly unknown[] = [
  ...[undefined, null, true, ...noJson, ...numbers, ...texts, ...lists, ...objects, unreadable, cycle, endless],
  ...['__proto__', 'constructor', 'a\0', '\ud800', '9'.repeat(400)],
  ...[{ __proto__: null }, JSON.parse('{"__proto__":{"a":1}}'), { length: 1 }, Object.create({ a: 1 })],
]

/** Values that an argument of a kind must never be; each is refused before anything else is done. */
export function hostileTo(kind: Kind): readonly unknown[] {
  switch (kind.is) {
    case 'actor':
      return [undefined, null, true, ...numbers, ...texts, ...lists, ...noJson, ...noPerson, unreadable, closed]
    case 'whom':
      return [undefined, null, true, ...numbers, ...lists, ...noJson, ...noPerson, unreadable, closed]
    // Whatever is hostile to one of the kinds is left to the others, but for what is hostile to all.
    case 'either': {
      const [first = [], ...others] = kind.of.map(hostileTo)
      return first.filter((value) => others.every((values) => values.includes(value)))
    }
    case 'text':
      return [undefined, null, true, ...numbers, ...lists, ...objects, ...noJson]
    case 'name':
      return [...hostileTo({ is: 'text' }), '', 'a'.repeat(256), 'a\0', '\ud800', 'e\u0301'.repeat(200_000)]
    case 'visible':
      return [...hostileTo({ is: 'text' }), '', 'a'.repeat(256), 'a b', 'ä', '\x7f', 'a\n', 'a\0', '\ud800']
    case 'id':
      return [
        undefined,
        null,
        true,
        1.5,
        1e20,
        '',
        'ada',
        '1.0',
        '1e3',
        '9'.repeat(21),
        ...lists,
        ...objects,
        ...noJson,
      ]
    case 'count': {
      const outside = [kind.lowest - 1, kind.highest + 1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 1e20, -1e20]
      return [undefined, null, true, ...outside, ...texts, ...lists, ...objects, ...noJson]
    }
    case 'boolean':
      return [undefined, null, ...numbers, ...texts, 'true', ...lists, ...objects, ...noJson]
    case 'one':
      return [undefined, null, true, ...numbers, ...texts, kind.of, ...lists, ...objects, ...noJson]
    case 'moment':
      return [
        undefined,
        null,
        true,
        ...numbers,
        ...texts,
        'yesterday',
        '2024-13-01T00:00:00Z',
        '2024-06-15',
        ...lists,
        ...objects,
        ...noJson,
      ]
    case 'function':
      return [undefined, null, true, ...numbers, ...texts, ...lists, ...objects]
    case 'iterable':
      return [undefined, null, true, ...numbers, ...texts, {}, closed, Symbol('ada'), 5n]
    case 'json':
      return [undefined, ...noJson, cycle, closed, unreadable, new Map(), { a: [{ b: 5n }] }]
    case 'document':
      return [closed, unreadable, { a: [unreadable] }, endless, { a: endless }, cycle]
    case 'methods':
      return [undefined, null, true, ...numbers, ...texts, ...lists, ...objects, ...noJson]
    case 'schema':
      return [undefined, null, true, ...numbers, ...texts, ...lists, ...objects, ...noJson, { '~standard': {} }]
    case 'record':
      return [undefined, null, true, ...numbers, ...texts, ...lists, closed, new Map(), ...noJson]
    case 'list':
      return [
        ...[undefined, null, true, ...numbers, ...texts, ...objects, ...noJson, { length: 1, 0: 'ada' }],
        ...[holes, long, endless, [closed]],
        ...hostileTo(kind.of).map((item) => [item]),
      ]
    case 'object':
      return [
        undefined,
        null,
        true,
        ...numbers,
        ...texts,
        ...lists,
        closed,
        new Date(),
        new Map(),
        { colour: 'red' },
        ...noJson,
      ]
    case 'optional':
      return hostileTo(kind.of).filter((value) => value !== undefined && !(value === null && kind.orNull === true))
  }
}

/** The least and the most that an argument of a kind can be: it is taken, and nothing breaks by it. */
export function edgesOf(kind: Kind): readonly unknown[] {
  switch (kind.is) {
    case 'count':
      return [kind.lowest, kind.highest]
    case 'id':
      return [
        Number.MIN_SAFE_INTEGER,
        Number.MAX_SAFE_INTEGER,
        '9223372036854775807',
        '-9223372036854775809',
        '9'.repeat(20),
      ]
    case 'whom':
      return ['a', '𝒳'.repeat(255), ...edgesOf({ is: 'id' }).map((id) => ({ id }))]
    case 'name':
      return ['a', '𝒳'.repeat(255)]
    case 'visible':
      return ['!', '~'.repeat(255)]
    case 'moment':
      return ['1000-01-01T00:00:00Z', '9999-12-31T23:59:59.999999Z']
    case 'optional':
      return edgesOf(kind.of)
    default:
      return []
  }
}
