/** A feed that cannot be opened or kept: the connection, the venue's answer, a package that is not installed. */
export class FeedError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'FeedError';
  }
}
