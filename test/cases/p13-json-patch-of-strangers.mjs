import { rules, verdict } from './_kit.mjs'

// JSON Patches that reach a prototype, share what they copy, or change their own operations.
const { applyJsonPatch } = rules
const refused = ['/__proto__/polluted', '/constructor/prototype/polluted', '/a/__proto__/polluted'].every((path) => {
  try {
    applyJsonPatch({ a: {} }, [{ op: 'add', path, value: 'yes' }])
    return false
  } catch (error) {
    return error.code === 'patch_error'
  }
})
const operations = [
  { op: 'add', path: '/foo', value: [] },
  { op: 'add', path: '/foo/-', value: 1 },
  { op: 'copy', from: '/foo', path: '/bar' },
  { op: 'add', path: '/bar/-', value: 2 },
]
const given = JSON.stringify(operations)
const result = JSON.stringify(applyJsonPatch({}, operations))
await verdict(
  refused && {}.polluted === undefined && result === '{"foo":[1],"bar":[1,2]}' && JSON.stringify(operations) === given,
  `prototype ${refused ? 'safe' : 'reached'}; copies give ${result}`,
)
