/** The owner of the part of an extended profile that the person writes. */
export const ownPart = 'user'

/** The owner of the part that staff write. */
export const staffPart = 'staff'
