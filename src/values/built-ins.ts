import { once } from './once.ts'

// Modules of Node whose import takes longer than that of many rules together: a rule gets one when it needs it.

/** Returns `node:crypto`. */
export const nodeCrypto = once((): typeof import('node:crypto') => process.getBuiltinModule('node:crypto'))

/** Returns `node:url`. */
export const nodeUrl = once((): typeof import('node:url') => process.getBuiltinModule('node:url'))

/** Returns `node:util/types`. */
export const nodeTypes = once((): typeof import('node:util/types') => process.getBuiltinModule('node:util/types'))

/** Returns `node:util`. */
export const nodeUtil = once((): typeof import('node:util') => process.getBuiltinModule('node:util'))

/** Returns `node:net`. */
export const nodeNet = once((): typeof import('node:net') => process.getBuiltinModule('node:net'))

/** Returns `node:fs`. */
export const nodeFs = once((): typeof import('node:fs') => process.getBuiltinModule('node:fs'))
