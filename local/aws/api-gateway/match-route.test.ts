import { expect, it } from "vitest";
import { createRouter, matchRoute } from "./match-route.ts";

const route = (method: string, path: string, stream = false) => ({ method, path, authorized: false, stream, functionName: "f" });

const router = createRouter([
  route("GET", "/"),
  route("GET", "/v1/tasks"),
  route("POST", "/v1/tasks"),
  route("GET", "/v1/tasks/{task_id}"),
  route("GET", "/v1/tasks/search"),
  route("DELETE", "/v1/tasks/{task_id}/dependencies/{dependency_id}"),
  route("GET", "/v1/runs/{run_id}/files/{path+}"),
  route("PUT", "/v1/runs/{run_id}/files/{path+}"),
  route("GET", "/v1/runs/{run_id}/files/index"),
  route("GET", "/v1/runs/{run_id}/events", true),
]);

const match = (method: string, path: string) => matchRoute(router, method, path.slice(1).split("/"));

it.each([
  ["/", "/", {}],
  ["/v1/tasks", "/v1/tasks", {}],
  ["/v1/tasks/7", "/v1/tasks/{task_id}", { task_id: "7" }],
  ["/v1/tasks/search", "/v1/tasks/search", {}],
  ["/v1/runs/7/files/a", "/v1/runs/{run_id}/files/{path+}", { run_id: "7", path: "a" }],
  ["/v1/runs/7/files/a/b/c.txt", "/v1/runs/{run_id}/files/{path+}", { run_id: "7", path: "a/b/c.txt" }],
  ["/v1/runs/7/files/index", "/v1/runs/{run_id}/files/index", { run_id: "7" }],
  ["/v1/runs/7/files/index/more", "/v1/runs/{run_id}/files/{path+}", { run_id: "7", path: "index/more" }],
])("finds %s under %s", (path, resource, parameters) => {
  expect(match("GET", path)).toMatchObject({ kind: "route", route: { path: resource }, parameters });
});

it.each(["/v1", "/v1/tasks/7/dependencies", "/v1/runs/7/files", "/v2/tasks", "/v1/TASKS", "/v1//7"])("finds nothing at %s", (path) => {
  expect(match("GET", path)).toEqual({ kind: "unknown" });
});

it("names the methods of a resource that lacks the one asked for", () => {
  expect(match("PATCH", "/v1/tasks")).toEqual({ kind: "wrong-method", methods: ["GET", "POST", "HEAD", "OPTIONS"] });
  expect(match("GET", "/v1/tasks/1/dependencies/2")).toEqual({ kind: "wrong-method", methods: ["DELETE", "OPTIONS"] });
});

it("answers HEAD where GET is, but not where GET is a stream", () => {
  expect(match("HEAD", "/v1/tasks")).toMatchObject({ kind: "route", route: { method: "GET" } });
  expect(match("HEAD", "/v1/runs/7/events")).toEqual({ kind: "wrong-method", methods: ["GET", "OPTIONS"] });
});

it("refuses one resource under two names, and a method routed twice", () => {
  expect(() => createRouter([route("GET", "/v1/{a}"), route("GET", "/v1/{b}")])).toThrow("/v1/{a} and /v1/{b} are one resource");
  expect(() => createRouter([route("GET", "/v1/{a}"), route("GET", "/v1/{a}")])).toThrow("GET /v1/{a} is routed twice");
});
