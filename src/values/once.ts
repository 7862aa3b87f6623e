/**
 * Returns a function that makes a value at its first call, and returns the same one at every later call. For what takes
 * time to make and many programs never need: an import makes none of it.
 *
 * @__NO_SIDE_EFFECTS__
 */
export function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}
