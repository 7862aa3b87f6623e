import { createRequire } from 'node:module'
import { once } from './once.ts'

// Modules of Node that few calls need, and that take longer to load than all rules together. `process.getBuiltinModule`
// is missing in Node 22.0 to 22.2; the folder of `createRequire` makes no difference to modules of Node.

/** Returns `node:crypto`. */
export const nodeCrypto = once((): typeof import('node:crypto') => createRequire('/')('node:crypto'))

/** Returns `node:util`. */
export const nodeUtil = once((): typeof import('node:util') => createRequire('/')('node:util'))

/** Returns `node:net`. */
export const nodeNet = once((): typeof import('node:net') => createRequire('/')('node:net'))

/** Returns `node:fs`. */
export const nodeFs = once((): typeof import('node:fs') => createRequire('/')('node:fs'))
