import type { ProfileRow, UserId } from './tables.ts'

/** Returns the profile of a person who has filled in nothing yet. Version 0: it is not stored. */
export function emptyProfile(user_id: UserId): ProfileRow {
  return {
    user_id,
    version: 0,
    name: '',
    gender: null,
    year_of_birth: null,
    level_of_education: null,
    goals: null,
    bio: null,
    country: null,
    state: null,
    city: null,
    location: null,
    mailing_address: null,
    phone_number: null,
    profile_image_uploaded_at: null,
  }
}
