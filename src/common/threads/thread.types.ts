/** What a thread is sent, and what it answers: exactly one reply for each request, in any order. */
export interface ThreadRequest<Task> {
  id: number;
  task: Task;
}

export interface ThreadReply {
  id: number;
  result?: unknown;
  /** Message of the error when the task failed. */
  error?: string;
}
