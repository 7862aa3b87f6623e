/** Thrown where a case needs what usercore does not have yet: it counts as skipped, with this reason. */
export class Unsupported extends Error {}
