/** A part of a whole, from 0 to 1. */
export type Share = number | "unknown";

/** Of nothing, nobody knows the share: it is neither 0 nor 1. */
export function shareOf(part: number, whole: number): Share {
  return whole === 0 ? "unknown" : part / whole;
}

/** Reviews by what the critic said and by whether an acceptance check of what it saw had failed. */
export type ReviewCounts = {
  reviews: number;
  rightly_rejected: number;
  wrongly_rejected: number;
  wrongly_approved: number;
  rightly_approved: number;
};

/**
 * How well a critic finds what executable checks find. A rejection claims that something is wrong, so a failed check is what it looks for.
 * Reviews of results without a check say nothing of it.
 */
export function scoreReviews(counts: ReviewCounts): { measured: number; precision: Share; recall: Share } {
  const { rightly_rejected, wrongly_rejected, wrongly_approved, rightly_approved } = counts;
  return {
    measured: rightly_rejected + wrongly_rejected + wrongly_approved + rightly_approved,
    precision: shareOf(rightly_rejected, rightly_rejected + wrongly_rejected),
    recall: shareOf(rightly_rejected, rightly_rejected + wrongly_approved),
  };
}
