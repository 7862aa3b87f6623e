/** The owner of the section that the holder writes. */
export const ownPart = 'user'

/** The owner of the section that staff write. */
export const staffPart = 'staff'
