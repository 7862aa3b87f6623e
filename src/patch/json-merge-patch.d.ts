/** The package has no types of its own. */
declare module 'json-merge-patch' {
  const mergePatch: {
    /** Applies a patch; changes the target. */
    apply(target: unknown, patch: unknown): unknown
    /** Makes the patch that leads from one value to another; `undefined` when they are equal. */
    generate(before: unknown, after: unknown): unknown
  }
  export default mergePatch
}
