/** The UUID of all zeros (RFC 9562, 5.9): no row has it, and all others sort behind it. */
export const NIL_UUID = '00000000-0000-0000-0000-000000000000';
