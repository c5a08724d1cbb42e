export type Message = { readonly id: string; readonly body: string; readonly visibleAt: number; readonly receives: number };

/** A queue that promises what SQS does, but for the promise that nothing is lost: any order, and more than once. */
export type Queue = { readonly name: string; messages: Message[] };
