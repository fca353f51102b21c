/**
 * Every error a client can meet: code → HTTP status and title. Services throw `AppError` with one of
 * these codes; the problem filter is the only place that turns them into a response.
 */
export const ERROR_TABLE = {
  // 400
  validation_failed: { status: 400, title: 'The request is not valid' },
  malformed_json: { status: 400, title: 'The body is not valid JSON' },
  malformed_request: { status: 400, title: 'The request could not be read' },
  duplicate_doc_id: { status: 400, title: 'The same doc_id appears twice in one request' },
  invalid_cursor: { status: 400, title: 'The cursor is not one that this list returned' },
  invalid_filter: { status: 400, title: 'The filter is not valid' },
  host_not_allowed: { status: 400, title: 'The server does not answer under this name' },
  invalid_token: { status: 400, title: 'The token is not valid, or not any more' },
  unknown_encoder: { status: 400, title: 'There is no such encoder, or its description is wrong' },
  weak_password: { status: 400, title: 'The password is not acceptable' },
  // 401, 403
  unauthenticated: { status: 401, title: 'A valid credential is required' },
  invalid_credentials: { status: 401, title: 'The credentials are not valid' },
  invalid_refresh_token: { status: 401, title: 'The session cannot be refreshed' },
  invalid_code: { status: 401, title: 'The code is not valid' },
  invalid_mfa_token: { status: 401, title: 'The sign-in cannot be continued' },
  recent_sign_in_required: { status: 403, title: 'This needs a recent sign-in' },
  mfa_enrolment_required: { status: 403, title: 'Administrators need a second factor here' },
  forbidden: { status: 403, title: 'This needs a role or right that you do not have' },
  insufficient_scope: { status: 403, title: 'The API key has not the scope that this needs' },
  key_not_allowed: { status: 403, title: 'API keys may not be used here' },
  csrf_failed: { status: 403, title: 'The CSRF token is missing or does not belong to this session' },
  origin_not_allowed: { status: 403, title: 'Requests from this origin are not allowed' },
  registration_closed: { status: 403, title: 'Registration is closed' },
  account_disabled: { status: 403, title: 'The account is disabled' },
  // 404 - 415
  not_found: { status: 404, title: 'Not found' },
  method_not_allowed: { status: 405, title: 'The method is not allowed here' },
  conflict: { status: 409, title: 'The request conflicts with the current state' },
  email_taken: { status: 409, title: 'An account with this e-mail address exists' },
  username_taken: { status: 409, title: 'This username is taken' },
  idempotency_in_flight: {
    status: 409,
    title: 'The request with this Idempotency-Key is still being worked on',
  },
  encoder_in_use: { status: 409, title: 'This encoder or index is in use' },
  encoder_not_installed: { status: 409, title: 'The encoder is not installed here' },
  encoder_switch_running: { status: 409, title: 'The encoder is being changed' },
  no_encoder_switch: { status: 409, title: 'The encoder is not being changed' },
  no_previous_encoder: { status: 409, title: 'There is no encoder to go back to' },
  last_admin: { status: 409, title: 'There must be an administrator' },
  payload_too_large: { status: 413, title: 'The request is too large' },
  quota_exceeded: { status: 413, title: 'The quota of this user is used up' },
  unsupported_media_type: { status: 415, title: 'The media type is not supported' },
  idempotency_key_reused: { status: 422, title: 'This Idempotency-Key belongs to another request' },
  unprocessable: { status: 422, title: 'The request cannot be processed' },
  too_many_requests: { status: 429, title: 'Too many requests' },
  llm_budget_exhausted: { status: 429, title: 'The tokens for the language model are used up' },
  headers_too_large: { status: 431, title: 'The request headers are too large' },
  // 5xx
  internal_error: { status: 500, title: 'Something went wrong on our side' },
  llm_failed: { status: 502, title: 'The language model did not answer' },
  service_unavailable: { status: 503, title: 'A part that this request needs is not available' },
  database_unavailable: { status: 503, title: 'The database is not reachable' },
  file_store_unavailable: { status: 503, title: 'The file store is not reachable' },
  encoder_unavailable: { status: 503, title: 'The encoder is not available' },
  vector_store_unavailable: { status: 503, title: 'The vector store is not reachable' },
  llm_not_configured: { status: 503, title: 'No language model is configured' },
  llm_unavailable: { status: 503, title: 'The language model is not reachable' },
  timeout: { status: 503, title: 'The request took too long' },
  insufficient_storage: { status: 507, title: 'The server is out of storage space' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ErrorCode = keyof typeof ERROR_TABLE;

/**
 * Why a document could not be read, and what its owner can do about it. These appear as `error.code` of a
 * `failed` document, never as an HTTP status.
 */
export const DOCUMENT_ERRORS = {
  document_empty: 'The file is empty. Upload it again with its content.',
  document_encrypted: 'The file is protected by a password. Remove the protection and upload it again.',
  document_corrupt:
    'The file is damaged or not what its name says. Open it in its program, save it again, and upload that.',
  document_no_text: 'The file holds no text, perhaps only pictures. Run text recognition (OCR) on it first.',
  document_too_large:
    'The file needs more memory or holds more text than is allowed. Split it into smaller ones.',
  document_timeout: 'Reading the file took too long. Split it into smaller ones.',
  document_type_unsupported:
    'This type of file cannot be read. Convert it to PDF, HTML, Markdown or plain text.',
  document_cancelled: 'Reading the file was cancelled. Start again with POST /documents/{id}/retry.',
  document_file_missing: 'The stored file is gone. Upload it again.',
  document_file_unreadable:
    'The stored file cannot be read by the server. Have its rights or its storage looked at, then try again with POST /documents/{id}/retry.',
  document_over_quota:
    'The files in it do not fit into your quota. Delete documents to make room, then try again with POST /documents/{id}/retry.',
  document_failed: 'Reading the file failed unexpectedly. Try again with POST /documents/{id}/retry.',
} as const;

export type DocumentErrorCode = keyof typeof DOCUMENT_ERRORS;

/** What is wrong with a document that is `ready` all the same: `warning.code`. */
export const DOCUMENT_WARNINGS = {
  document_not_embedded:
    'The encoder refuses a part of the text, so the document is found by words only. Change the text, or ask an administrator to compare the indexes, which tries it again.',
} as const;

export type DocumentWarningCode = keyof typeof DOCUMENT_WARNINGS;
