import { createRequire } from 'node:module'
import { once } from './once.ts'

// Modules of Node whose import takes longer than that of many rules together: a rule loads one when it needs it.
// `process.getBuiltinModule` is missing in Node 22.0 to 22.2; the folder of `createRequire` makes no difference to modules
// of Node.

/** Returns `node:crypto`. */
export const nodeCrypto = once((): typeof import('node:crypto') => createRequire('/')('node:crypto'))

/** Returns `node:url`. */
export const nodeUrl = once((): typeof import('node:url') => createRequire('/')('node:url'))

/** Returns `node:util/types`. */
export const nodeTypes = once((): typeof import('node:util/types') => createRequire('/')('node:util/types'))

/** Returns `node:util`. */
export const nodeUtil = once((): typeof import('node:util') => createRequire('/')('node:util'))

/** Returns `node:net`. */
export const nodeNet = once((): typeof import('node:net') => createRequire('/')('node:net'))

/** Returns `node:fs`. */
export const nodeFs = once((): typeof import('node:fs') => createRequire('/')('node:fs'))
