import * as wafv2 from "aws-cdk-lib/aws-wafv2";
import { Construct } from "constructs";

/** Requests in five minutes. One person's browser, with a stream open and long polls, stays far below. */
const PER_VISITOR = 2_000;
/** One address of CloudFront carries many visitors. */
const PER_CONNECTION = 20_000;

/** Goals are longer than 8 kB, and quote scripts, paths and addresses: rules that read bodies only count here. Bodies are never shown as pages. */
const READS_BODIES = ["SizeRestrictions_BODY", "CrossSiteScripting_BODY", "EC2MetaDataSSRF_BODY", "GenericLFI_BODY", "GenericRFI_BODY"];

/** A firewall before the API's stage, which is also reached past the distribution. */
export class Firewall extends Construct {
  constructor(scope: Construct, id: string, { stageArn }: { readonly stageArn: string }) {
    super(scope, id);
    const list = new wafv2.CfnWebACL(this, "Rules", {
      scope: "REGIONAL",
      defaultAction: { allow: {} },
      visibilityConfig: watch("All"),
      rules: [
        limitRate("PerConnection", { limit: PER_CONNECTION, aggregateKeyType: "IP" }),
        // The first address of the header is what the visitor says: who lies meets the limit above.
        limitRate("PerVisitor", {
          limit: PER_VISITOR,
          aggregateKeyType: "FORWARDED_IP",
          forwardedIpConfig: { headerName: "X-Forwarded-For", fallbackBehavior: "NO_MATCH" },
        }),
        useManaged("AWSManagedRulesAmazonIpReputationList"),
        useManaged("AWSManagedRulesKnownBadInputsRuleSet"),
        useManaged("AWSManagedRulesCommonRuleSet", READS_BODIES),
      ].map((rule, priority) => ({ ...rule, priority })),
      // Samples of requests show their headers to whoever reads the console.
      dataProtectionConfig: {
        dataProtections: [{ action: "SUBSTITUTION", field: { fieldType: "SINGLE_HEADER", fieldKeys: ["authorization"] } }],
      },
    });
    new wafv2.CfnWebACLAssociation(this, "Stage", { resourceArn: stageArn, webAclArn: list.attrArn });
  }
}

type Rule = Omit<wafv2.CfnWebACL.RuleProperty, "priority">;

function limitRate(name: string, rateBasedStatement: wafv2.CfnWebACL.RateBasedStatementProperty): Rule {
  return { name, statement: { rateBasedStatement }, action: { block: {} }, visibilityConfig: watch(name) };
}

function useManaged(name: string, counted: readonly string[] = []): Rule {
  return {
    name,
    statement: {
      managedRuleGroupStatement: {
        vendorName: "AWS",
        name,
        ruleActionOverrides: counted.map((rule) => ({ name: rule, actionToUse: { count: {} } })),
      },
    },
    overrideAction: { none: {} },
    visibilityConfig: watch(name),
  };
}

function watch(metricName: string): wafv2.CfnWebACL.VisibilityConfigProperty {
  return { metricName, cloudWatchMetricsEnabled: true, sampledRequestsEnabled: true };
}
