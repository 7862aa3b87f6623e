/** What was found out about a cluster, for people to read. */
export interface Report {
  /** Writes down a fact, and how it was seen. `as` is what the README says of it. */
  fact(as: 'holds' | 'does not hold', what: string, isSo: boolean, seen: string): void
  /** Prints what was found. Answers whether everything is as the README says. */
  end(): boolean
}

export function report(title: string): Report {
  const rows: string[][] = []
  let isAsSaid = true
  return {
    fact(as, what, isSo, seen) {
      // What does not hold is seen not to: otherwise the README says too little.
      const isExpected = isSo === (as === 'holds')
      isAsSaid &&= isExpected
      rows.push([`${isExpected ? '' : 'WRONG: '}${isSo ? 'holds' : 'does not hold'}`, what, seen])
    },
    end() {
      const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
      const lines = rows.map((row) =>
        row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd(),
      )
      process.stdout.write(`\n${title}\n\n${lines.join('\n')}\n`)
      return isAsSaid
    },
  }
}
