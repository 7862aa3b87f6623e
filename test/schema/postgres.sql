create table usercore_account_history (
  user_id bigint not null,
  id text collate "C" not null,
  field text collate "C" not null,
  old_value text collate "C" not null,
  reason text not null,
  changed_by bigint,
  changed_at timestamp(6) with time zone not null,
  constraint usercore_account_history_pk PRIMARY KEY (id),
  constraint usercore_account_history_user_fk FOREIGN KEY (user_id) REFERENCES usercore_users(id) ON DELETE CASCADE
);
CREATE INDEX usercore_account_history_user_id ON usercore_account_history USING btree (user_id);
create table usercore_account_recoveries (
  user_id bigint not null,
  secondary_email text collate "C" not null,
  secondary_email_key text collate "C" not null,
  is_active boolean not null,
  constraint usercore_account_recoveries_pk PRIMARY KEY (user_id),
  constraint usercore_account_recoveries_secondary_email_key_key UNIQUE (secondary_email_key),
  constraint usercore_account_recoveries_user_fk FOREIGN KEY (user_id) REFERENCES usercore_users(id) ON DELETE CASCADE
);
create table usercore_course_tags (
  user_id bigint not null,
  course_id text collate "C" not null,
  key text collate "C" not null,
  value text,
  version integer not null,
  constraint usercore_course_tags_pk PRIMARY KEY (user_id, course_id, key),
  constraint usercore_course_tags_user_fk FOREIGN KEY (user_id) REFERENCES usercore_users(id) ON DELETE CASCADE
);
create table usercore_deactivations (
  user_id bigint not null,
  sequence integer not null,
  reason text collate "C" not null,
  deactivated_until timestamp(6) with time zone,
  deactivated_by bigint,
  deactivated_at timestamp(6) with time zone not null,
  ended_at timestamp(6) with time zone,
  ended_by bigint,
  end_reason text collate "C",
  constraint usercore_deactivations_pk PRIMARY KEY (user_id, sequence),
  constraint usercore_deactivations_user_fk FOREIGN KEY (user_id) REFERENCES usercore_users(id) ON DELETE CASCADE
);
create table usercore_extended_profile_history (
  user_id bigint not null,
  id text collate "C" not null,
  owner text collate "C" not null,
  field_name text collate "C" not null,
  old_value jsonb,
  new_value jsonb,
  changed_by bigint,
  changed_at timestamp(6) with time zone not null,
  constraint usercore_extended_profile_history_pk PRIMARY KEY (id),
  constraint usercore_extended_profile_history_user_fk FOREIGN KEY (user_id) REFERENCES usercore_users(id) ON DELETE CASCADE
);
CREATE INDEX usercore_extended_profile_history_user_id ON usercore_extended_profile_history USING btree (user_id, field_name);
create table usercore_extended_profiles (
  user_id bigint not null,
  owner text collate "C" not null,
  document text not null,
  schema_version integer not null,
  constraint usercore_extended_profiles_pk PRIMARY KEY (user_id, owner),
  constraint usercore_extended_profiles_user_fk FOREIGN KEY (user_id) REFERENCES usercore_users(id) ON DELETE CASCADE
);
create table usercore_former_usernames (
  user_id bigint not null,
  username text collate "C" not null,
  username_key text collate "C" not null,
  replaced_at timestamp(6) with time zone not null,
  constraint usercore_former_usernames_pk PRIMARY KEY (username_key),
  constraint usercore_former_usernames_user_fk FOREIGN KEY (user_id) REFERENCES usercore_users(id) ON DELETE CASCADE
);
CREATE INDEX usercore_former_usernames_user_id ON usercore_former_usernames USING btree (user_id);
create table usercore_idempotency_keys (
  key_hash text collate "C" not null,
  operation text collate "C" not null,
  fingerprint text collate "C" not null,
  user_id bigint not null,
  reference jsonb not null,
  created_at timestamp(6) with time zone not null,
  expires_at timestamp(6) with time zone not null,
  constraint usercore_idempotency_keys_pk PRIMARY KEY (key_hash)
);
CREATE INDEX usercore_idempotency_keys_expires_at ON usercore_idempotency_keys USING btree (expires_at);
CREATE INDEX usercore_idempotency_keys_user_id ON usercore_idempotency_keys USING btree (user_id);
create table usercore_language_proficiencies (
  user_id bigint not null,
  code text collate "C" not null,
  constraint usercore_language_proficiencies_pk PRIMARY KEY (user_id, code),
  constraint usercore_language_proficiencies_user_fk FOREIGN KEY (user_id) REFERENCES usercore_users(id) ON DELETE CASCADE
);
create table usercore_org_tags (
  user_id bigint not null,
  org text collate "C" not null,
  key text collate "C" not null,
  value text,
  version integer not null,
  created_at timestamp(6) with time zone not null,
  modified_at timestamp(6) with time zone not null,
  constraint usercore_org_tags_pk PRIMARY KEY (user_id, org, key),
  constraint usercore_org_tags_user_fk FOREIGN KEY (user_id) REFERENCES usercore_users(id) ON DELETE CASCADE
);
create table usercore_outbox (
  id text collate "C" not null,
  kind text collate "C" not null,
  name text collate "C" not null,
  user_id bigint not null,
  payload jsonb not null,
  created_at timestamp(6) with time zone not null,
  leased_until timestamp(6) with time zone,
  lease text collate "C",
  attempts integer not null,
  next_attempt_at timestamp(6) with time zone,
  dead_at timestamp(6) with time zone,
  constraint usercore_outbox_pk PRIMARY KEY (id)
);
CREATE INDEX usercore_outbox_leased ON usercore_outbox USING btree (user_id, leased_until) WHERE (leased_until IS NOT NULL);
CREATE INDEX usercore_outbox_person ON usercore_outbox USING btree (user_id, id);
CREATE INDEX usercore_outbox_queue ON usercore_outbox USING btree (dead_at, next_attempt_at, id);
create table usercore_partner_reports (
  user_id bigint not null,
  original_username text collate "C" not null,
  original_email text collate "C" not null,
  original_name text collate "C" not null,
  batch_id text collate "C",
  claimed_until timestamp(6) with time zone,
  created_at timestamp(6) with time zone not null,
  constraint usercore_partner_reports_pk PRIMARY KEY (user_id),
  constraint usercore_partner_reports_user_fk FOREIGN KEY (user_id) REFERENCES usercore_users(id) ON DELETE CASCADE
);
create table usercore_pending_email_changes (
  user_id bigint not null,
  kind text collate "C" not null,
  new_email text collate "C" not null,
  key_hash text collate "C" not null,
  requested_at timestamp(6) with time zone not null,
  expires_at timestamp(6) with time zone not null,
  constraint usercore_pending_email_changes_key_hash_key UNIQUE (key_hash),
  constraint usercore_pending_email_changes_pk PRIMARY KEY (user_id, kind),
  constraint usercore_pending_email_changes_user_fk FOREIGN KEY (user_id) REFERENCES usercore_users(id) ON DELETE CASCADE
);
create table usercore_pending_name_changes (
  user_id bigint not null,
  request_id text collate "C" not null,
  new_name text collate "C" not null,
  rationale text not null,
  requested_at timestamp(6) with time zone not null,
  constraint usercore_pending_name_changes_pk PRIMARY KEY (user_id),
  constraint usercore_pending_name_changes_user_fk FOREIGN KEY (user_id) REFERENCES usercore_users(id) ON DELETE CASCADE
);
create table usercore_preferences (
  user_id bigint not null,
  key text collate "C" not null,
  value text,
  version integer not null,
  constraint usercore_preferences_pk PRIMARY KEY (user_id, key),
  constraint usercore_preferences_user_fk FOREIGN KEY (user_id) REFERENCES usercore_users(id) ON DELETE CASCADE
);
CREATE INDEX usercore_preferences_key ON usercore_preferences USING btree (key, user_id);
create table usercore_profile_images (
  user_id bigint not null,
  name text collate "C" not null,
  sizes text not null,
  constraint usercore_profile_images_pk PRIMARY KEY (user_id),
  constraint usercore_profile_images_user_fk FOREIGN KEY (user_id) REFERENCES usercore_users(id) ON DELETE CASCADE
);
create table usercore_profiles (
  user_id bigint not null,
  version integer not null,
  name text collate "C" not null,
  gender text collate "C",
  year_of_birth integer,
  level_of_education text collate "C",
  goals text,
  bio text,
  country text collate "C",
  state text collate "C",
  city text,
  location text,
  mailing_address text,
  phone_number text collate "C",
  profile_image_uploaded_at timestamp(6) with time zone,
  constraint usercore_profiles_pk PRIMARY KEY (user_id),
  constraint usercore_profiles_user_fk FOREIGN KEY (user_id) REFERENCES usercore_users(id) ON DELETE CASCADE
);
CREATE INDEX usercore_profiles_country ON usercore_profiles USING btree (country, user_id);
create table usercore_rate_limits (
  name text collate "C" not null,
  subject text collate "C" not null,
  period_start timestamp(6) with time zone not null,
  hits integer not null,
  constraint usercore_rate_limits_pk PRIMARY KEY (name, subject)
);
CREATE INDEX usercore_rate_limits_subject ON usercore_rate_limits USING btree (subject);
create table usercore_registrations (
  user_id bigint not null,
  key_hash text collate "C" not null,
  activated_at timestamp(6) with time zone,
  proof_hash text collate "C",
  expires_at timestamp(6) with time zone,
  constraint usercore_registrations_key_hash_key UNIQUE (key_hash),
  constraint usercore_registrations_pk PRIMARY KEY (user_id),
  constraint usercore_registrations_user_fk FOREIGN KEY (user_id) REFERENCES usercore_users(id) ON DELETE CASCADE
);
create table usercore_request_guards (
  user_id bigint not null,
  ended text collate "C" not null,
  requests integer not null,
  constraint usercore_request_guards_pk PRIMARY KEY (user_id),
  constraint usercore_request_guards_user_fk FOREIGN KEY (user_id) REFERENCES usercore_users(id) ON DELETE CASCADE
);
create table usercore_retired_identifiers (
  kind text collate "C" not null,
  form text collate "C" not null,
  retired_at timestamp(6) with time zone not null,
  constraint usercore_retired_identifiers_pk PRIMARY KEY (kind, form)
);
create table usercore_retirement_history (
  user_id bigint not null,
  id text collate "C" not null,
  from_state text collate "C",
  to_state text collate "C",
  forced boolean not null,
  note text not null,
  changed_by bigint,
  changed_at timestamp(6) with time zone not null,
  constraint usercore_retirement_history_pk PRIMARY KEY (id),
  constraint usercore_retirement_history_user_fk FOREIGN KEY (user_id) REFERENCES usercore_users(id) ON DELETE CASCADE
);
CREATE INDEX usercore_retirement_history_user_id ON usercore_retirement_history USING btree (user_id);
create table usercore_retirement_holds (
  id text collate "C" not null,
  user_id bigint not null,
  reason text collate "C" not null,
  sources jsonb,
  held_until timestamp(6) with time zone,
  created_by bigint,
  created_at timestamp(6) with time zone not null,
  refused_at timestamp(6) with time zone,
  released_at timestamp(6) with time zone,
  closed_at timestamp(6) with time zone,
  constraint usercore_retirement_holds_pk PRIMARY KEY (id)
);
CREATE INDEX usercore_retirement_holds_open ON usercore_retirement_holds USING btree (closed_at, id);
CREATE INDEX usercore_retirement_holds_user_id ON usercore_retirement_holds USING btree (user_id, closed_at);
create table usercore_retirement_receipts (
  id text collate "C" not null,
  sequence integer,
  subject text collate "C" not null,
  kind text collate "C" not null,
  body jsonb not null,
  previous text collate "C",
  hash text collate "C",
  created_at timestamp(6) with time zone not null,
  constraint usercore_retirement_receipts_pk PRIMARY KEY (id),
  constraint usercore_retirement_receipts_sequence UNIQUE (sequence)
);
CREATE INDEX usercore_retirement_receipts_subject ON usercore_retirement_receipts USING btree (subject);
create table usercore_retirement_requests (
  user_id bigint not null,
  created_at timestamp(6) with time zone not null,
  is_started boolean not null,
  generation integer not null,
  constraint usercore_retirement_requests_pk PRIMARY KEY (user_id),
  constraint usercore_retirement_requests_user_fk FOREIGN KEY (user_id) REFERENCES usercore_users(id) ON DELETE CASCADE
);
CREATE INDEX usercore_retirement_requests_is_started ON usercore_retirement_requests USING btree (is_started, user_id);
create table usercore_retirement_states (
  state_name text collate "C" not null,
  state_execution_order integer not null,
  kind text collate "C" not null,
  step text collate "C",
  action text collate "C",
  constraint usercore_retirement_states_pk PRIMARY KEY (state_name)
);
create table usercore_retirement_step_results (
  user_id bigint not null,
  step text collate "C" not null,
  outcome text collate "C" not null,
  removed integer not null,
  masked integer not null,
  retained jsonb not null,
  attempts integer not null,
  started_at timestamp(6) with time zone not null,
  finished_at timestamp(6) with time zone not null,
  constraint usercore_retirement_step_results_pk PRIMARY KEY (user_id, step),
  constraint usercore_retirement_step_results_user_fk FOREIGN KEY (user_id) REFERENCES usercore_users(id) ON DELETE CASCADE
);
create table usercore_retirement_work (
  user_id bigint not null,
  identifiers jsonb not null,
  fence integer not null,
  attempts integer not null,
  cursor jsonb,
  started_at timestamp(6) with time zone,
  next_attempt_at timestamp(6) with time zone,
  stopped text collate "C",
  code text collate "C",
  is_replay boolean not null,
  constraint usercore_retirement_work_pk PRIMARY KEY (user_id),
  constraint usercore_retirement_work_user_fk FOREIGN KEY (user_id) REFERENCES usercore_users(id) ON DELETE CASCADE
);
create table usercore_retirements (
  user_id bigint not null,
  id bigint not null,
  original_username text collate "C" not null,
  original_username_key text collate "C" not null,
  original_email text collate "C" not null,
  original_email_key text collate "C" not null,
  original_name text collate "C" not null,
  retired_username text collate "C" not null,
  retired_email text collate "C" not null,
  current_state text collate "C" not null,
  last_state text collate "C" not null,
  version integer not null,
  lease text collate "C",
  leased_until timestamp(6) with time zone,
  created_at timestamp(6) with time zone not null,
  modified_at timestamp(6) with time zone not null,
  constraint usercore_retirements_current_state_fk FOREIGN KEY (current_state) REFERENCES usercore_retirement_states(state_name),
  constraint usercore_retirements_id UNIQUE (id),
  constraint usercore_retirements_last_state_fk FOREIGN KEY (last_state) REFERENCES usercore_retirement_states(state_name),
  constraint usercore_retirements_pk PRIMARY KEY (user_id),
  constraint usercore_retirements_user_fk FOREIGN KEY (user_id) REFERENCES usercore_users(id) ON DELETE CASCADE
);
CREATE INDEX usercore_retirements_leases ON usercore_retirements USING btree (leased_until, current_state, created_at, user_id);
CREATE INDEX usercore_retirements_original_email_key ON usercore_retirements USING btree (original_email_key);
CREATE INDEX usercore_retirements_original_username_key ON usercore_retirements USING btree (original_username_key);
CREATE INDEX usercore_retirements_queue ON usercore_retirements USING btree (current_state, created_at, user_id);
create table usercore_search_values (
  user_id bigint not null,
  field text collate "C" not null,
  value text collate "C" not null,
  constraint usercore_search_values_pk PRIMARY KEY (user_id, field),
  constraint usercore_search_values_user_fk FOREIGN KEY (user_id) REFERENCES usercore_users(id) ON DELETE CASCADE
);
CREATE INDEX usercore_search_values_list ON usercore_search_values USING btree (field, value, user_id);
create table usercore_social_links (
  user_id bigint not null,
  platform text collate "C" not null,
  social_link text collate "C" not null,
  constraint usercore_social_links_pk PRIMARY KEY (user_id, platform),
  constraint usercore_social_links_user_fk FOREIGN KEY (user_id) REFERENCES usercore_users(id) ON DELETE CASCADE
);
create table usercore_users (
  id bigint not null generated by default as identity,
  username text collate "C" not null,
  username_key text collate "C" not null,
  email text collate "C" not null,
  email_key text collate "C" not null,
  first_name text collate "C" not null,
  last_name text collate "C" not null,
  is_active boolean not null,
  date_joined timestamp(6) with time zone not null,
  last_login timestamp(6) with time zone,
  constraint usercore_users_email_key_key UNIQUE (email_key),
  constraint usercore_users_pkey PRIMARY KEY (id),
  constraint usercore_users_username_key_key UNIQUE (username_key)
);
CREATE INDEX usercore_users_date_joined ON usercore_users USING btree (date_joined, id);
CREATE INDEX usercore_users_is_active ON usercore_users USING btree (is_active, id);
