/** An error of the person at the command line. Its message says what to do, and holds no address of a database. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
