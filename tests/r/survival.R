# Values for tests/methods/test_survival_r.py, computed on data sets that lifelines ships (the data are not copied here).
#   Rscript tests/r/survival.R .venv/lib/python3.11/site-packages/lifelines/datasets > tests/r/survival.json
suppressMessages({library(survival); library(cmprsk)})
folder <- commandArgs(TRUE)[1]
data <- function(name) read.csv(file.path(folder, name))

json <- function(x) {
  if (is.list(x)) {
    inside <- vapply(x, json, "")
    if (is.null(names(x))) return(paste0("[", paste(inside, collapse = ", "), "]"))
    return(paste0("{", paste0('"', names(x), '": ', inside, collapse = ", "), "}"))
  }
  if (is.character(x)) return(paste0('"', x, '"'))
  value <- ifelse(is.na(x), "null", ifelse(is.infinite(x), "1e999", formatC(x, digits = 15, format = "g", width = 1)))
  if (length(x) == 1) value else paste0("[", paste(value, collapse = ", "), "]")
}
curve <- function(t, e, times) {
  one <- function(type) {
    f <- survfit(Surv(t, e) ~ 1, conf.type = type)
    s <- summary(f, times = times)
    list(survival = s$surv, at_risk = s$n.risk, lower = s$lower, upper = s$upper,
         median = unname(summary(f)$table[c("median", "0.95LCL", "0.95UCL")]))
  }
  list(times = times, `log-log` = one("log-log"), log = one("log"), plain = one("plain"),
       follow_up = unname(summary(survfit(Surv(t, 1 - e) ~ 1, conf.type = "log-log"))$table[c("median", "0.95LCL", "0.95UCL")]))
}
mean_to <- function(t, e, tau) unname(summary(survfit(Surv(t, e) ~ 1), rmean = tau)$table[c("rmean", "se(rmean)")])
test <- function(k) { df <- length(k$n) - 1; list(chi2 = k$chisq, p = pchisq(k$chisq, df, lower.tail = FALSE)) }
cox <- function(m) { s <- summary(m)$coefficients
  list(coef = unname(s[, 1]), se = unname(s[, 3]), p = unname(s[, 5]), loglik = m$loglik) }
zph <- function(m) { z <- cox.zph(m)$table; list(chi2 = unname(z[, 1]), p = unname(z[, 3])) }
tight <- coxph.control(eps = 1e-14, iter.max = 50)

out <- list(r = R.version.string, survival = as.character(packageVersion("survival")),
            cmprsk = as.character(packageVersion("cmprsk")))

w <- data("waltons_dataset.csv"); w$g <- as.integer(w$group == "miR-137")
m <- coxph(Surv(T, E) ~ g, w, control = tight)
out$waltons <- list(curve = curve(w$T[w$g == 1], w$E[w$g == 1], c(6, 20, 33, 48)), logrank = test(survdiff(Surv(T, E) ~ g, w)),
  cox = cox(m), zph = zph(m), rmst = mean_to(w$T[w$g == 1], w$E[w$g == 1], 50))

l <- data("lung.csv"); l$status <- as.integer(l$status)
m <- coxph(Surv(time, status) ~ sex + age + ph.ecog, l, control = tight)
out$lung <- list(curve = curve(l$time, l$status, c(90, 180, 365, 730)),
  logrank_by_ecog = test(survdiff(Surv(time, status) ~ ph.ecog, l)),
  logrank_stratified = test(survdiff(Surv(time, status) ~ sex + strata(ph.ecog), l)), cox = cox(m), zph = zph(m),
  cox_stratified = cox(coxph(Surv(time, status) ~ sex + age + strata(ph.ecog), l, control = tight)),
  zph_stratified = zph(coxph(Surv(time, status) ~ sex + age + strata(ph.ecog), l, control = tight)))

y <- data("larynx.csv")
m <- coxph(Surv(time, death) ~ Stage_II + Stage_III + Stage_IV + age, y, control = tight)
out$larynx <- list(curve = curve(y$time, y$death, c(1, 2.2, 4.3, 6.5)), cox = cox(m), zph = zph(m))

r <- data("rossi.csv")
out$rossi <- list(cox = cox(coxph(Surv(week, arrest) ~ fin + age + race + wexp + mar + paro + prio, r, control = tight)),
  cox_breslow = cox(coxph(Surv(week, arrest) ~ fin + age + prio, r, ties = "breslow", control = tight)),
  logrank = test(survdiff(Surv(week, arrest) ~ fin, r)))

# a second cause out of the tumour's grade at recurrence, so that there is one
n <- data("lymph_node.csv"); n$s <- ifelse(n$censrec == 0, 0, ifelse(n$grade < 3, 1, 2)); n$month <- ceiling(n$rectime / 30)
incidence <- function(t, times) { k <- timepoints(cuminc(t, n$s), times)
  list(times = times, cif = unname(k$est[1, ]), var = unname(k$var[1, ])) }
model <- function(t) { m <- crr(t, n$s, as.matrix(n[, c("hormone", "age")]), gtol = 1e-14, maxiter = 50)
  s <- sqrt(diag(m$var)); list(coef = unname(m$coef), se = s, p = unname(2 * pnorm(-abs(m$coef / s))), loglik = c(m$loglik.null, m$loglik)) }
gray <- function(t) unname(cuminc(t, n$s, n$hormone)$Tests[1, 1:2])
out$lymph_node <- list(days = list(cif = incidence(n$rectime, c(365, 730, 1460)), gray = gray(n$rectime), crr = model(n$rectime)),
  months = list(cif = incidence(n$month, c(12, 24, 48)), gray = gray(n$month), crr = model(n$month)),
  gray_by_grade = unname(cuminc(n$month, ifelse(n$censrec == 0, 0, ifelse(n$menopause == 1, 1, 2)), n$grade)$Tests[1, 1:2]))
cat(json(out), "\n")
