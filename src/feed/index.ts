/** Feeds of quote changes: what `watchSurface` reads, from a venue. Node, or any place with a WebSocket. */
export { openDeribitFeed } from './deribit.js';
export type { DeribitFeed, DeribitFeedOptions, FeedCounts } from './deribit.js';
export { FeedError } from './feed-error.js';
export { connectByWs } from './socket.js';
export type { Connect, FeedSocket, SocketHandlers } from './socket.js';
