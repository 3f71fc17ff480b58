package sms

import (
	"slices"

	"campusgate/dispatch"
)

// Statuses that this server gives itself too.
var (
	PhoneFormatError  = dispatch.Status{Number: 1016, Text: "手机号格式错误"}
	ThirtySecondLimit = dispatch.Status{Number: 1023, Text: "单个手机号30秒内下发短信条数超过设定的上限"}
	HourLimit         = dispatch.Status{Number: 1024, Text: "单个手机号1小时内下发短信条数超过设定的上限"}
	DayLimit          = dispatch.Status{Number: 1025, Text: "单个手机号日下发短信条数超过设定的上限"}
	Timeout           = dispatch.Status{Number: 60008, Text: "处理请求超时"}
)

// otherError is the status of a code that the table does not have.
var otherError = dispatch.Status{Number: 1007, Text: "其他错误"}

// table gives each of Tencent Cloud's codes the number and text that it had in the
// provider's older API, which clients know. The trailing dot of 1030 is the
// provider's own; its SDK has that code without one.
var table = []struct {
	status dispatch.Status
	codes  []string
}{
	{dispatch.Status{Number: 1001, Text: "sig 校验失败"}, []string{"InternalError.SigVerificationFail"}},
	{dispatch.Status{Number: 1002, Text: "短信内容中含有敏感词"}, []string{"FailedOperation.ContainSensitiveWord"}},
	{dispatch.Status{Number: 1003, Text: "请求包体没有 sig 字段或 sig 为空"}, []string{"InternalError.SigFieldMissing"}},
	{
		dispatch.Status{Number: 1004, Text: "请求包解析失败，通常情况下是由于没有遵守 API 接口说明规范导致的"},
		[]string{"FailedOperation.FailResolvePacket", "FailedOperation.JsonParseFail"},
	},
	{dispatch.Status{Number: 1006, Text: "请求没有权限"}, []string{"UnauthorizedOperation.RequestPermissionDeny"}},
	{otherError, []string{"InternalError.OtherError"}},
	{dispatch.Status{Number: 1008, Text: "请求下发短信超时"}, []string{"InternalError.Timeout"}},
	{dispatch.Status{Number: 1009, Text: "请求 IP 不在白名单中"}, []string{"UnauthorizedOperation.RequestIpNotInWhitelist"}},
	{dispatch.Status{Number: 1011, Text: "不存在该 REST API 接口"}, []string{"InternalError.RestApiInterfaceNotExist"}},
	{dispatch.Status{Number: 1012, Text: "签名格式错误或者签名未审批"}, []string{"FailedOperation.SignatureIncorrectOrUnapproved"}},
	{dispatch.Status{Number: 1013, Text: "下发短信命中了频率限制策略"}, []string{"LimitExceeded.DeliveryFrequencyLimit"}},
	{
		dispatch.Status{Number: 1014, Text: "模板未审批或请求的内容与审核通过的模板内容不匹配"},
		[]string{
			"FailedOperation.TemplateIncorrectOrUnapproved",
			"FailedOperation.TemplateParamSetNotMatchApprovedTemplate",
			"FailedOperation.TemplateUnapprovedOrNotExist",
		},
	},
	{
		dispatch.Status{Number: 1015, Text: "手机号在黑名单库中，通常是用户退订或者命中运营商黑名单导致的"},
		[]string{"FailedOperation.PhoneNumberInBlacklist"},
	},
	{PhoneFormatError, []string{"InvalidParameterValue.IncorrectPhoneNumber"}},
	{dispatch.Status{Number: 1017, Text: "请求的短信内容太长"}, []string{"InvalidParameterValue.ContentLengthLimit"}},
	{dispatch.Status{Number: 1019, Text: "sdkappid 不存在"}, []string{"InvalidParameterValue.SdkAppIdNotExist"}},
	{dispatch.Status{Number: 1020, Text: "sdkappid 已禁用"}, []string{"UnauthorizedOperation.SdkAppIdIsDisabled"}},
	{
		dispatch.Status{Number: 1021, Text: "请求发起时间不正常，通常是由于您的服务器时间与腾讯云服务器时间差异超过10分钟导致的"},
		[]string{"InternalError.RequestTimeException"},
	},
	{dispatch.Status{Number: 1022, Text: "业务短信日下发条数超过设定的上限"}, []string{"LimitExceeded.AppDailyLimit"}},
	{ThirtySecondLimit, []string{"LimitExceeded.PhoneNumberThirtySecondLimit"}},
	{HourLimit, []string{"LimitExceeded.PhoneNumberOneHourLimit"}},
	{DayLimit, []string{"LimitExceeded.PhoneNumberDailyLimit"}},
	{dispatch.Status{Number: 1026, Text: "单个手机号下发相同内容超过设定的上限"}, []string{"LimitExceeded.PhoneNumberSameContentDailyLimit"}},
	{dispatch.Status{Number: 1029, Text: "营销短信发送时间限制 (8点到22点)"}, []string{"FailedOperation.MarketingSendTimeConstraint"}},
	{dispatch.Status{Number: 1030, Text: "不支持该请求"}, []string{"UnsupportedOperation.", "UnsupportedOperation"}},
	{dispatch.Status{Number: 1031, Text: "套餐包余量不足"}, []string{"FailedOperation.InsufficientBalanceInSmsPackage"}},
	{dispatch.Status{Number: 1033, Text: "欠费被停止服务"}, []string{"UnauthorizedOperation.ServiceSuspendDueToArrears"}},
	{dispatch.Status{Number: 1036, Text: "单个模板变量字符数超过12个"}, []string{"InvalidParameterValue.TemplateParameterLengthLimit"}},
	{
		dispatch.Status{Number: 1038, Text: "验证码类模板，模板变量只能传入0 - 6位(包括6位)纯数字"},
		[]string{"InvalidParameterValue.TemplateParameterFormatError"},
	},
	{Timeout, []string{"InternalError.SendAndRecvFail"}},
}

// statusOf is a code's status. One that the table does not have is 1007 with the
// provider's message.
func statusOf(code, message string) dispatch.Status {
	for _, row := range table {
		if slices.Contains(row.codes, code) {
			return row.status
		}
	}
	if message == "" {
		return otherError
	}
	return dispatch.Status{Number: otherError.Number, Text: message}
}

// Statuses are all that sending an SMS can fail with, by number.
func Statuses() []dispatch.Status {
	statuses := make([]dispatch.Status, 0, len(table))
	for _, row := range table {
		statuses = append(statuses, row.status)
	}
	return statuses
}
