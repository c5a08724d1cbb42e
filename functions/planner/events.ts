import { bindEvents } from "../../shared/orchestration/follow/bind-events.ts";
import { openFollow } from "../../shared/orchestration/follow/open-follow.ts";
import { streamRoute } from "../../shared/platform/api/handle-stream.ts";

export const handler = streamRoute("planner", bindEvents(openFollow));
