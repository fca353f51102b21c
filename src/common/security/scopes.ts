/** What an API key may be allowed to do. */
export const SCOPES = {
  'documents:read': 'List and read documents and their passages',
  'documents:write': 'Add, change and delete documents',
  'rag:query': 'Find passages and ask questions',
  'llm:generate': 'Ask the language model directly',
  'collections:read': 'List collections',
  'collections:write': 'Make, change and delete collections',
  'collections:share': 'See and change who may use a collection',
  'admin:read': 'Read the state of the server and the audit log; only for administrators',
} as const;

export type Scope = keyof typeof SCOPES;
export const SCOPE_NAMES = Object.keys(SCOPES) as Scope[];
