/** The version of the package, as receipts name it. */
export const version = '0.1.0'
